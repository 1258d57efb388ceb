"""The addresses of a site whose house has a single sign-on that does not answer."""

from django.urls import include, path

from equipoise.web.urls import urlpatterns as ours

PROVIDER = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": "house",
                "name": "House",
                "client_id": "site",
                "secret": "quiet",
                "settings": {"server_url": "https://127.0.0.1:9/"},
            }
        ]
    }
}
urlpatterns = [*ours, path("accounts/sign-on/", include("equipoise.web.accounts.sign_on"))]
