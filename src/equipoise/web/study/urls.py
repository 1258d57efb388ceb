"""Addresses of sites, accounts and versions of the protocol."""

from django.urls import path

from equipoise.web.study import migration, people, places, upload, versions

urlpatterns = [
    path("study/sites/", places.sites, name="sites"),
    path("study/sites/<str:site>/close/", places.site_close, name="site_close"),
    path("study/people/", people.people, name="people"),
    path("study/people/<str:username>/", people.person, name="person"),
    path("study/people/<str:username>/change/", people.person_change, name="person_change"),
    path("study/people/<str:username>/link/", people.person_link, name="person_link"),
    path("study/people/<str:username>/grant/", people.person_grant, name="person_grant"),
    path("study/people/<str:username>/revoke/", people.person_revoke, name="person_revoke"),
    path("study/people/<str:username>/close/", people.person_close, name="person_close"),
    path("study/protocol/", versions.versions, name="versions"),
    path("study/protocol/compare/", versions.versions_compare, name="versions_compare"),
    path("study/protocol/approve/", versions.version_approve, name="version_approve"),
    path("study/protocol/upload/", upload.version_upload, name="version_upload"),
    path("study/protocol/migrate/", migration.version_migrate, name="version_migrate"),
]
