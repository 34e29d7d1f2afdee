"""MedFlow in Python, by ctypes over the C library; nothing else is needed.

    import medflow

    with medflow.open("sqlcipher:/var/lib/clinic", root_key_file="/etc/clinic/root.key") as platform:
        with platform.sign_in("general", "rita@example.org", password) as desk:
            patient = desk.patients.register(names=[{"family": "Müller", "given": ["Anna"]}])
            found = desk.call("patients.list", name="muller an")["data"]

Every operation is reached by its name, as `session.call("module.verb", member=value)` or `session.module.verb(member=value)`.
Requests and answers are what JSON is made of. An error is raised as MedflowError.

The library is the one that the environment names in MEDFLOW_LIBRARY, or the system's. Calls release the interpreter's
lock, and every object here may be used from several threads (a stream by one at a time).
"""

import collections
import ctypes
import ctypes.util
import datetime
import decimal
import functools
import json
import os
import threading
import uuid

__all__ = [
    "MedflowError",
    "Platform",
    "Session",
    "Stream",
    "make_passphrase_key",
    "make_root_key",
    "open",
    "operations",
    "version",
]

_Handle = ctypes.c_uint64
_Reader = ctypes.CFUNCTYPE(ctypes.c_ssize_t, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)

_SIGNATURES = {
    "medflow_operations": [],
    "medflow_make_root_key": [ctypes.c_char_p],
    "medflow_make_passphrase_key": [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t],
    "medflow_open": [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.POINTER(_Handle)],
    "medflow_open_passphrase": [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.POINTER(_Handle)],
    "medflow_tick": [_Handle],
    "medflow_visit": [_Handle, ctypes.c_char_p, ctypes.POINTER(_Handle)],
    "medflow_authenticate": [_Handle, ctypes.c_char_p, ctypes.POINTER(_Handle)],
    "medflow_identify": [_Handle, ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(_Handle)],
    "medflow_operator": [_Handle, ctypes.c_char_p, ctypes.POINTER(_Handle)],
    "medflow_caller": [_Handle, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p],
    "medflow_call": [_Handle, ctypes.c_char_p, ctypes.c_char_p],
    "medflow_call_keyed": [_Handle, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p],
    "medflow_call_content": [_Handle, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t],
    "medflow_call_reader": [_Handle, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, _Reader, ctypes.c_void_p],
    "medflow_stream": [_Handle, ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(_Handle)],
    "medflow_stream_read": [_Handle, ctypes.c_void_p, ctypes.c_size_t, ctypes.POINTER(ctypes.c_size_t)],
}

# Those without an `out`, with what they return.
_PLAIN_SIGNATURES = {
    "medflow_version": ([], ctypes.c_char_p),
    "medflow_release": ([_Handle], ctypes.c_int),
    "medflow_size": ([ctypes.c_void_p], ctypes.c_size_t),
    "medflow_free": ([ctypes.c_void_p], None),
}

_CONFLICT = 6  # MEDFLOW_CONFLICT


class MedflowError(Exception):
    """What the library answered instead of a result.

    `code` says what is wrong ("patient.duplicate"), `kind` to which of the sixteen kinds it belongs ("conflict"), `status`
    is the kind's number. `fields` has one {pointer, code, message} for each field that breaks a rule. `problem` is the
    whole of it.
    """

    def __init__(self, status, problem):
        self.status = status
        self.problem = problem
        self.code = problem.get("code", "internal")
        self.kind = problem.get("kind", "internal")
        self.title = problem.get("title", "")
        self.detail = problem.get("detail", "")
        self.fields = problem.get("errors", [])
        self.retryable = problem.get("retryable", False)
        self.revision = problem.get("revision")
        self.retry_after = problem.get("retry_after")
        self.ids = problem.get("ids", [])
        lines = [f"{self.code}: {self.title}", self.detail]
        lines += [f"{field['pointer']}: {field['message']}" for field in self.fields]
        super().__init__(" ".join(line for line in lines if line))


@functools.lru_cache(maxsize=None)
def _library():
    path = os.environ.get("MEDFLOW_LIBRARY") or ctypes.util.find_library("medflow_c") or "libmedflow_c.so.0"
    library = ctypes.CDLL(path)
    for name, arguments in _SIGNATURES.items():
        function = getattr(library, name)
        function.argtypes = [*arguments, ctypes.POINTER(ctypes.c_void_p)]
        function.restype = ctypes.c_int
    for name, (arguments, result) in _PLAIN_SIGNATURES.items():
        function = getattr(library, name)
        function.argtypes = arguments
        function.restype = result
    return library


def _text(value):
    if "\0" in value:
        raise ValueError("a text with a NUL in it cannot be passed")
    return value.encode("utf-8")


def _secret(value):
    if not isinstance(value, (str, bytes, bytearray)):
        raise TypeError("a passphrase is a text or bytes")
    return value.encode("utf-8") if isinstance(value, str) else bytes(value)


def _plain(value):
    """What has one form in JSON and no other; a bytes that becomes a text would be a password that nobody knows."""
    if isinstance(value, datetime.date):  # or a datetime
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, decimal.Decimal) and value.is_finite():
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _json(value):
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=_plain).encode("utf-8")


def _run(name, *arguments):
    """Calls a function of the library; the bytes that it handed out."""
    library = _library()
    out = ctypes.c_void_p()
    status = getattr(library, name)(*arguments, ctypes.byref(out))
    try:
        answer = ctypes.string_at(out, library.medflow_size(out)) if out else b""
    finally:
        library.medflow_free(out)
        _release_late()
    if status:
        raise MedflowError(status, json.loads(answer) if answer else {})
    return answer


_late = collections.deque()  # handles that were closed in a callback of their platform, which has to end first


def _release(handle):
    if _library().medflow_release(handle) == _CONFLICT:
        _late.append(handle)


def _release_late():
    for _ in range(len(_late)):
        try:
            _release(_late.popleft())
        except IndexError:  # another thread was faster
            return


def version():
    """The version of the library."""
    return _library().medflow_version().decode("ascii")


@functools.lru_cache(maxsize=None)
def _operation_table():
    return {row["name"]: row for row in json.loads(_run("medflow_operations"))}


def operations():
    """Every operation: dicts of name, summary, method, path, realm, effect, permission, shape, content."""
    return [dict(row) for row in _operation_table().values()]


def make_root_key(path):
    """Makes a root key file; one that is there is never overwritten. Keep a copy: without it nothing opens."""
    _run("medflow_make_root_key", _text(os.fspath(path)))


def make_passphrase_key(path, passphrase):
    """Makes a root key file whose key is wrapped under a passphrase, a text or bytes."""
    passphrase = _secret(passphrase)
    _run("medflow_make_passphrase_key", _text(os.fspath(path)), passphrase, len(passphrase))


def open(engine, root_key_file=None, root_key=None, passphrase=None, **options):
    """Opens a platform: `engine` is "memory:", "sqlite:FOLDER", "sqlcipher:FOLDER" or "postgresql://…".

    The root key is in a file, which a passphrase (a text or bytes) opens where one was given to `make_passphrase_key`, or
    given as 32 bytes by tests. Further options: create, direct_url, access_ttl_s, refresh_ttl_s, password_memory_kib,
    password_passes, deployment, checkpoint_folder (see medflow.h).
    """
    if passphrase is not None and root_key is not None:
        raise ValueError("a passphrase opens a root key file, and no root key is given beside it")
    given = {"engine": engine, **options}
    if root_key_file is not None:
        given["root_key_file"] = root_key_file
    given = {name: os.fspath(value) if isinstance(value, os.PathLike) else value for name, value in given.items()}
    handle = _Handle()
    function, secret = "medflow_open", root_key
    if passphrase is not None:
        function, secret = "medflow_open_passphrase", _secret(passphrase)
    _run(function, _json(given), secret, len(secret or b""), ctypes.byref(handle))
    return Platform(handle.value)


class _Held:
    """Something with a handle, which ends with `close`, with its `with` block, or with the object."""

    def __init__(self, handle):
        self._handle = handle
        self._lock = threading.Lock()

    def close(self):
        """Ends it; a second time does nothing. While its platform reads a file or the like, it ends when that call does."""
        with self._lock:
            handle, self._handle = self._handle, 0
        if handle:
            _release(handle)  # one that went with its platform is gone already

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def __del__(self):
        if getattr(self, "_handle", 0):
            self.close()


class Platform(_Held):
    """A running platform. Closing it ends all of its sessions and streams."""

    def _session(self, function, *arguments):
        handle = _Handle()
        _run(function, self._handle, *arguments, ctypes.byref(handle))
        return Session(handle.value, self)

    def visit(self, tenant):
        """A session before signing in."""
        return self._session("medflow_visit", _text(tenant))

    def authenticate(self, access_token):
        """The session of an access token."""
        return self._session("medflow_authenticate", _text(access_token))

    def sign_in(self, tenant, email, password, device="", address=None, user_agent=None):
        """Signs in by address and password; a session. For the tokens themselves call `auth.login` on a visit.

        `address` and `user_agent` are the caller's, as in `Session.caller`; the session keeps them.
        """
        with self.visit(tenant) as visitor:
            visitor.caller(address, user_agent)
            tokens = visitor.call("auth.login", email=email, password=password, device=device)
        session = self.authenticate(tokens["access_token"])
        session.caller(address, user_agent)
        return session

    def identify(self, tenant, **principal):
        """A session for an identity of the host's own.

        Its members are issuer, subject, display_name, roles, facilities, practitioner_id, patient_id, custom_roles.
        """
        return self._session("medflow_identify", _text(tenant), _json(principal))

    def operator(self, label):
        """A session on the platform for this process; the label names it in the audit log."""
        return self._session("medflow_operator", _text(label))

    def tick(self):
        """Does the background work that is due; call it about once a second. What went wrong: dicts of task, tenant, code."""
        return json.loads(_run("medflow_tick", self._handle))


class Session(_Held):
    """Somebody at work in one tenant. Attributes are the modules, and theirs the operations."""

    def __init__(self, handle, platform):
        super().__init__(handle)
        self._platform = platform  # which would end this session if it went first

    def caller(self, address=None, user_agent=None, request_id=None):
        """Says for whom the calls and streams of this session are made from now on.

        Sign-ins are also counted by the network address; the audit log keeps keyed hashes of it and of the program, and
        the request's id, a UUID.
        """
        if isinstance(request_id, uuid.UUID):
            request_id = str(request_id)
        said = [None if value is None else _text(value) for value in (address, user_agent, request_id)]
        _run("medflow_caller", self._handle, *said)

    def call(self, operation, /, **members):
        """Runs an operation; its answer, None where it has none, and bytes where it is a stream.

        An operation that takes content has it as `content` (bytes, or a binary file that is read), with `media_type`.

        With `idempotency_key` (1 to 255 visible ASCII characters) a POST is safe to send again: the same request with the
        same key within 24 hours has its effect once. Operations that move money need one; it is no member of any request.
        """
        key = members.pop("idempotency_key", None)
        name = _text(operation)
        row = _operation_table().get(operation)
        if row is None or not row["content"] or "content" not in members:
            answer = _run(
                "medflow_call_keyed", self._handle, name, _json(members), None if key is None else _text(key)
            )
        else:
            content = members.pop("content")
            media_type = _text(members.pop("media_type", ""))
            if not isinstance(content, (bytes, bytearray)) and not hasattr(content, "read"):
                raise TypeError("content is bytes or a binary file")
            send = self._send_bytes if isinstance(content, (bytes, bytearray)) else self._send_file
            answer = send(name, _json(members), media_type, content)
        if row is not None and row["shape"] == "stream":
            return answer
        return json.loads(answer) if answer else None

    def stream(self, operation, /, **members):
        """Runs an operation whose answer is a stream, to be read piece by piece."""
        handle = _Handle()
        head = _run("medflow_stream", self._handle, _text(operation), _json(members), ctypes.byref(handle))
        return Stream(handle.value, self, **json.loads(head))

    def _send_bytes(self, name, request, media_type, content):
        content = bytes(content)
        return _run("medflow_call_content", self._handle, name, request, media_type, content, len(content))

    def _send_file(self, name, request, media_type, file):
        trouble = []

        def read(_state, buffer, capacity):
            try:
                piece = file.read(capacity)
                if not isinstance(piece, (bytes, bytearray)):
                    raise TypeError("content is bytes or a binary file")
                if len(piece) > capacity:
                    raise ValueError("read() returned more than was asked for")
                ctypes.memmove(buffer, bytes(piece), len(piece))
                return len(piece)
            except BaseException as error:  # nothing may cross: it is raised again below
                trouble.append(error)
                return -1

        try:
            return _run("medflow_call_reader", self._handle, name, request, media_type, _Reader(read), None)
        except MedflowError:
            if trouble:
                raise trouble[0] from None
            raise

    def __getattr__(self, module):
        if module.startswith("_") or not any(name.startswith(module + ".") for name in _operation_table()):
            raise AttributeError(f"there is no module {module!r}")
        return _Module(self, module)

    def __dir__(self):
        return [*super().__dir__(), *{name.split(".")[0] for name in _operation_table()}]


class _Module:
    """The operations of one module."""

    def __init__(self, session, name):
        self._session = session
        self._name = name

    def __getattr__(self, verb):
        operation = f"{self._name}.{verb}"
        if verb.startswith("_") or operation not in _operation_table():
            raise AttributeError(f"there is no operation {operation!r}")
        function = functools.partial(self._session.call, operation)
        function.__doc__ = _operation_table()[operation]["summary"]
        return function

    def __dir__(self):
        start = self._name + "."
        return [name[len(start):] for name in _operation_table() if name.startswith(start)]


class Stream(_Held):
    """An answer that is read piece by piece: iterate it, or `read`."""

    def __init__(self, handle, session, media_type, file_name):
        super().__init__(handle)
        self._session = session
        self.media_type = media_type
        self.file_name = file_name

    def read(self, capacity=65536):
        """At most `capacity` bytes; none at the end."""
        buffer = ctypes.create_string_buffer(capacity)
        count = ctypes.c_size_t()
        _run("medflow_stream_read", self._handle, buffer, capacity, ctypes.byref(count))
        return buffer.raw[: count.value]

    def __iter__(self):
        return iter(self.read, b"")
