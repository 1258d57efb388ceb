"""The settings of Django, read from the environment: a site differs from another in nothing else.

`DATABASE_URL` names the database with the application's role, `EQUIPOISE_OWNER_URL` the same one
with the role that owns the tables; only migrations and backups use the latter.
`EQUIPOISE_URL` is the address under which people reach the site: https makes cookies and
connections secure. `equipoise serve` sets what is not set.
"""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from equipoise.web.addresses import read_count, read_database_url, read_site_url
from equipoise.web.log import log_settings


def read_sign_on(environment: Mapping[str, str]) -> dict[str, Any]:
    """The OpenID Connect server of the house, as allauth wants it; nothing when none is named."""
    server = environment.get("EQUIPOISE_OIDC_SERVER", "")
    if not server:
        return {}
    app = {
        "provider_id": "house",
        "name": environment.get("EQUIPOISE_OIDC_NAME", "single sign-on"),
        "client_id": environment["EQUIPOISE_OIDC_CLIENT_ID"],
        "secret": environment["EQUIPOISE_OIDC_CLIENT_SECRET"],
        "settings": {"server_url": server},
    }
    return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}


def read_second_factor(environment: Mapping[str, str]) -> str:
    """Whether everybody needs a second factor (required) or who wants one has it (optional)."""
    said = environment.get("EQUIPOISE_SECOND_FACTOR", "") or "optional"
    if said not in {"optional", "required"}:
        raise ValueError(f"EQUIPOISE_SECOND_FACTOR is 'required' or 'optional', not '{said}'")
    return said


def choose_mail_backend(*, host: str, folder: str | None) -> str:
    """Where mail goes: to a server, else to files in a folder, else to the console."""
    kind = "smtp" if host else "filebased" if folder else "console"
    return f"django.core.mail.backends.{kind}.EmailBackend"


_UNSET = "postgresql:///equipoise"
DATABASES = {
    "default": read_database_url(os.environ.get("DATABASE_URL") or _UNSET),
    "owner": read_database_url(
        os.environ.get("EQUIPOISE_OWNER_URL") or os.environ.get("DATABASE_URL") or _UNSET
    ),
}
SECRET_KEY = os.environ.get("EQUIPOISE_SECRET_KEY", "")
RANDOMISATION_KEY = os.environ.get("EQUIPOISE_KEY", "")  # held in memory only
METRICS_TOKEN = os.environ.get("EQUIPOISE_METRICS_TOKEN", "")
SITE_URL = os.environ.get("EQUIPOISE_URL", "http://localhost:8000").rstrip("/")
SITE_HOST, BEHIND_TLS = read_site_url(SITE_URL)
PROXIES = read_count(os.environ, "EQUIPOISE_PROXIES")  # whose X-Forwarded-For is believed
ALLOWED_HOSTS = [SITE_HOST, "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "equipoise.store",
]
MIDDLEWARE = [
    "equipoise.web.log.log_requests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "equipoise.web.security.add_headers",
    "equipoise.web.security.limit_uploads",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "equipoise.web.shell.session_end.end_idle_sessions",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",  # last: turns a locked log-in into its page
]
ROOT_URLCONF = "equipoise.web.urls"
WSGI_APPLICATION = "equipoise.web.wsgi.application"
ENVIRONMENT = os.environ.get("EQUIPOISE_ENVIRONMENT", "training")  # else: production

# Pages: each group is a folder with templates and static files of its own.
_WEB = Path(__file__).parent
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": sorted(_WEB.glob("*/templates")),
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "equipoise.web.shell.frame.frame",
            ],
            "libraries": {
                "shell": "equipoise.web.shell.tags",
                "work": "equipoise.web.work.tags",
                "lesions": "equipoise.web.lesions.words",
                "entry_words": "equipoise.web.entry.words",
            },
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]
STATIC_URL = "/static/"
STATICFILES_DIRS = sorted(_WEB.glob("*/static"))
WHITENOISE_USE_FINDERS = True  # files as they are installed: nothing to collect
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Language and time: instants are in UTC, a page shows them in the time zone of the site.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ko", "한국어")]
LOCALE_PATHS = [_WEB / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_TZ = True
TIME_ZONE = "UTC"

# Accounts
AUTH_USER_MODEL = "store.Account"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
_VALIDATION = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {
        "NAME": f"{_VALIDATION}UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "email")},
    },
    {"NAME": f"{_VALIDATION}CommonPasswordValidator"},
    {"NAME": f"{_VALIDATION}NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # seconds: a link to set a password, once
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "equipoise.web.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"reset_password": "equipoise.web.accounts.forms.ResetLinkForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]  # nobody signs up by himself
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "60/m/ip,20/h/key"}
SECOND_FACTOR = read_second_factor(os.environ)
MFA_ADAPTER = "equipoise.web.accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Equipoise"
MFA_TOTP_TOLERANCE = 1  # a clock may be half a minute wrong
MFA_RECOVERY_CODES_SHOW_ONCE = True
SOCIALACCOUNT_ADAPTER = "equipoise.web.accounts.adapter.SignOnAdapter"
SOCIALACCOUNT_PROVIDERS = read_sign_on(os.environ)

# Five failures lock a user name at an address for a quarter of an hour; a further try does not
# lengthen it. `login_failed` above limits tries of one name from everywhere.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "equipoise.web.accounts.lock_out.typed_username"
AXES_CLIENT_IP_CALLABLE = "equipoise.web.shell.client_address.client_address"
AXES_LOCKOUT_CALLABLE = "equipoise.web.accounts.lock_out.lock_out_page"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True  # the store keeps one that nobody can change
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# Sessions: half an hour without a request ends one, a day at work at the latest.
SESSION_IDLE_SECONDS = int(os.environ.get("EQUIPOISE_IDLE_MINUTES", "30")) * 60
SESSION_COOKIE_AGE = 12 * 3600
CSRF_FAILURE_VIEW = "equipoise.web.shell.errors.page_too_old"
CACHES = {  # shared by all processes: the rate limits count in it
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
    }
}

# Mail: to a file or the console until a server is named.
EMAIL_HOST = os.environ.get("EQUIPOISE_MAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("EQUIPOISE_MAIL_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("EQUIPOISE_MAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EQUIPOISE_MAIL_PASSWORD", "")
EMAIL_USE_TLS = bool(EMAIL_HOST)
EMAIL_FILE_PATH = os.environ.get("EQUIPOISE_MAIL_FOLDER")
EMAIL_BACKEND = choose_mail_backend(host=EMAIL_HOST, folder=EMAIL_FILE_PATH)
DEFAULT_FROM_EMAIL = os.environ.get("EQUIPOISE_MAIL_FROM", "equipoise@localhost")

# Cookies, headers and limits. A form of a trial has hundreds of items, a protocol some files.
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = False  # equipoise.js reads it, so that a page outlives a log-in beside it
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = BEHIND_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
UPLOAD_MOST_BYTES = DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = log_settings()
