"""Addresses of the door; the names are those by which allauth finds them."""

from allauth.account import views as door
from django.conf import settings
from django.urls import include, path, re_path

from equipoise.web.accounts import views

urlpatterns = [
    path("login/", views.log_in, name="account_login"),
    path("logout/", door.logout, name="account_logout"),
    path("inactive/", door.account_inactive, name="account_inactive"),
    path("reauthenticate/", door.reauthenticate, name="account_reauthenticate"),
    path("password/change/", door.password_change, name="account_change_password"),
    path("password/set/", door.password_set, name="account_set_password"),
    path("password/reset/", door.password_reset, name="account_reset_password"),
    path("password/reset/done/", door.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        door.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        door.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("second-factor/", include("allauth.mfa.urls")),
    path("resume/", views.resume, name="resume"),
    path("profile/", views.profile, name="profile"),
    path("role/", views.choose_role, name="choose_role"),
    path("log/", views.access_log, name="access_log"),
]
if settings.SOCIALACCOUNT_PROVIDERS:
    urlpatterns += [path("sign-on/", include("equipoise.web.accounts.sign_on"))]
