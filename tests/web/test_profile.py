"""The frame and the profile: environment, links by role, badges."""

import pytest
from django.template import Context, Template
from django.test import Client
from django.test.utils import override_settings

from equipoise.capture.lifecycle import FormState
from equipoise.capture.roles import Role
from equipoise.web.settings import choose_mail_backend, read_sign_on
from web.visitors import WHO, log_in

pytestmark = pytest.mark.usefixtures("site")


def draw(text: str, **told: str) -> str:
    return Template("{% load shell %}" + text).render(Context(told))


def test_every_page_says_which_trial_and_that_it_is_for_training() -> None:
    text = log_in("cho").get("/").content.decode()
    assert "SABLOR" in text
    assert "Training site" in text
    with override_settings(ENVIRONMENT="production"):
        text = log_in("cho").get("/").content.decode()
    assert "Training site" not in text
    assert "Production" in text


def test_the_links_are_those_that_the_role_may_follow() -> None:
    assert "/accounts/log/" in log_in(WHO[Role.AUDITOR]).get("/").content.decode()
    assert "/accounts/log/" not in log_in("cho").get("/").content.decode()


def test_nobody_sees_links_or_roles() -> None:
    text = Client().get("/accounts/login/").content.decode()
    assert "<nav" not in text
    assert "Log out" not in text


def test_every_state_has_a_badge_with_a_sign_and_a_word() -> None:
    signs = set()
    for state in FormState:
        text = draw("{% state_badge state short=True %}", state=state.value)
        assert f"badge-{state.value}" in text
        assert f'<span class="unseen">{state.value.replace("_", " ")}</span>' in text
        signs.add(text.split('aria-hidden="true">')[1][0])
    assert len(signs) == len(FormState)


def test_two_forms_have_two_request_ids() -> None:
    one, other = draw("{% request_id %}"), draw("{% request_id %}")
    assert one != other
    assert 'name="request_id"' in one


def test_an_address_that_is_not_there_says_what_to_do() -> None:
    answer = log_in("cho").get("/nowhere/")
    assert answer.status_code == 404
    assert "start from the first page" in answer.content.decode()


def test_single_sign_on_is_off_until_a_server_is_named() -> None:
    assert read_sign_on({}) == {}
    told = read_sign_on(
        {
            "EQUIPOISE_OIDC_SERVER": "https://id.hospital.example",
            "EQUIPOISE_OIDC_CLIENT_ID": "trial",
            "EQUIPOISE_OIDC_CLIENT_SECRET": "secret",
        }
    )
    [app] = told["openid_connect"]["APPS"]
    assert (app["client_id"], app["provider_id"]) == ("trial", "house")
    assert app["settings"]["server_url"] == "https://id.hospital.example"


def test_mail_goes_to_a_server_else_a_folder_else_the_console() -> None:
    kinds = [("mail", "x", "smtp"), ("", "x", "filebased"), ("", None, "console")]
    for host, folder, kind in kinds:
        assert kind in choose_mail_backend(host=host, folder=folder)
