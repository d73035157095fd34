"""An S3 store on this machine for the tests: moto's, with signatures checked, and a fault where a test wants one."""

import base64
import hashlib
import io
import threading
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.session import Session
from moto import settings
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

BUCKET = "takuso-log"
REGION = "ap-northeast-1"
Answer = tuple[str, list[tuple[str, str]], Iterable[bytes]]
Fault = Callable[[dict[str, Any]], Answer | None]
_POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Nothing."""


@cache
def _client(service: str, url: str, access: str, secret: str) -> Any:
    return Session().create_client(
        service,
        region_name=REGION,
        endpoint_url=url,
        aws_access_key_id=access,
        aws_secret_access_key=secret,
        config=Config(s3={"addressing_style": "path"}, proxies={}, request_checksum_calculation="when_required"),
    )


@dataclass
class ColdStore:
    """The store: where, with which keys, what it was asked, and the fault of the moment."""

    url: str
    access: str = ""
    secret: str = ""
    fault: Fault | None = None
    keeps_checksums: bool = True
    asked: list[str] = field(default_factory=list)

    @property
    def env(self) -> dict[str, str]:
        """The settings of the program."""
        return {
            "TAKUSO_COLD_ENDPOINT": self.url,
            "TAKUSO_COLD_BUCKET": BUCKET,
            "AWS_ACCESS_KEY_ID": self.access,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "TAKUSO_COLD_SECONDS": "20",
        }

    def client(self, service: str = "s3") -> Any:
        """Somebody else who may do everything in the store."""
        return _client(service, self.url, self.access or "first", self.secret or "first")

    def names(self) -> list[str]:
        """Names of all objects."""
        found = self.client().list_objects_v2(Bucket=BUCKET)
        return sorted(one["Key"] for one in found.get("Contents", ()))

    def empty(self) -> None:
        """No object is left, and no fault."""
        self.fault, self.keeps_checksums = None, True
        for key in self.names():
            self.client().delete_object(Bucket=BUCKET, Key=key)
        self.asked.clear()

    def __call__(self, environ: dict[str, Any], start: Any, app: Any) -> Iterable[bytes]:
        """Answer a request."""
        method = environ["REQUEST_METHOD"]
        self.asked.append(f"{method} {environ['PATH_INFO']}")
        faulty = self.fault(environ) if self.fault is not None else None
        given = environ.get("HTTP_X_AMZ_CHECKSUM_SHA256")
        if faulty is None and method == "PUT" and given:
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            environ["wsgi.input"] = io.BytesIO(body)
            if base64.b64encode(hashlib.sha256(body).digest()).decode() != given:
                faulty = refused("400 Bad Request", "BadDigest")
            elif self.keeps_checksums:
                # Then moto keeps what Amazon keeps without being told.
                environ["HTTP_X_AMZ_SDK_CHECKSUM_ALGORITHM"] = "SHA256"
        if faulty is not None:
            status, headers, body = faulty
            start(status, headers)
            return body
        answer: Iterable[bytes] = app(environ, start)
        return answer


def refused(status: str, code: str, *headers: tuple[str, str]) -> Answer:
    """An answer of the store that says no."""
    body = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()
    return status, [("Content-Type", "application/xml"), *headers], [body]


@contextmanager
def running(certificate: tuple[Path, Path] | None = None) -> Iterator[ColdStore]:
    """A store with one bucket and one user, on a free port of this machine."""
    app = DomainDispatcherApplication(create_backend_app)
    store: list[ColdStore] = []
    server = make_server(
        "127.0.0.1",
        0,
        lambda environ, start: store[0](environ, start, app),
        threaded=True,
        request_handler=_Quiet,
        ssl_context=None if certificate is None else (str(certificate[0]), str(certificate[1])),
    )
    plain = f"{'http' if certificate is None else 'https'}://127.0.0.1:{server.server_port}"
    store.append(ColdStore(url=plain))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    former = settings.INITIAL_NO_AUTH_ACTION_COUNT
    try:
        if certificate is None:
            _furnish(store[0])
            settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
        yield store[0]
    finally:
        settings.INITIAL_NO_AUTH_ACTION_COUNT = former
        server.shutdown()
        server.server_close()
        thread.join()


def _furnish(store: ColdStore) -> None:
    # What moto keeps belongs to the process, not to the server.
    urllib.request.urlopen(urllib.request.Request(f"{store.url}/moto-api/reset", method="POST"), timeout=10).close()
    store.client().create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    office = store.client("iam")
    office.create_user(UserName="takuso")
    office.put_user_policy(UserName="takuso", PolicyName="all", PolicyDocument=_POLICY)
    key = office.create_access_key(UserName="takuso")["AccessKey"]
    store.access, store.secret = key["AccessKeyId"], key["SecretAccessKey"]
