"""Serves moto for orgstrap: one process, on a loopback port of its own choosing.

With --kept FILE it outlives the command that started it: it locks FILE for as
long as it lives, and writes there who and where it is.

Without, it prints the same JSON on its standard output, and ends as soon as its
standard input is closed, which the kernel does even when its owner is killed.
"""

import argparse
import datetime
import fcntl
import importlib.metadata
import io
import json
import os
import secrets
import signal
import socket
import sys
import threading
import traceback

RUNNING = "MOTO_ECS_SERVICE_RUNNING"

# What makes moto pass for AWS within seconds. Set before moto is imported, and
# only where the user has not chosen otherwise.
TUNING = {
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",  # ReadOnlyAccess and the like exist
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",  # 50 ms in each region of each account, and nothing boots from them
    "MOTO_ACM_VALIDATION_WAIT": "1",  # seconds until a certificate is ISSUED
    RUNNING: "1000000",  # enough for any service, see let_services_reach_their_count
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kept", metavar="FILE")
    kept = parser.parse_args().kept
    if kept:
        announcements = lock(kept)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the terminal may close
    else:
        announcements = sys.stdout
        threading.Thread(target=end_with_owner, daemon=True).start()

    # Bound before the slow imports, and never let go: nobody can take the port
    # between choosing it and serving on it.
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    port = listener.getsockname()[1]
    os.environ["MOTO_PORT"] = str(port)
    for name, value in TUNING.items():
        os.environ.setdefault(name, value)

    nonce = secrets.token_hex(16)
    announcement = {
        "endpoint": f"http://127.0.0.1:{port}",
        "port": port,
        "pid": os.getpid(),
        "started": datetime.datetime.now(datetime.timezone.utc).isoformat(),
        "version": importlib.metadata.version("moto"),
        "nonce": nonce,
    }
    print(json.dumps(announcement), file=announcements, flush=True)
    if not kept:
        # The owner reads one line; what moto prints later must not meet a closed pipe.
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    serve(listener, nonce)


def lock(path):
    """Opens a file, empty, under a lock that the kernel frees when this process ends."""
    file = open(path, "a")
    fcntl.flock(file, fcntl.LOCK_EX)
    file.truncate(0)
    return file


def end_with_owner():
    """Ends this process at the end of its standard input."""
    while os.read(0, 1024):
        pass
    os._exit(0)


def let_services_reach_their_count():
    """Gives a new ECS service as many running tasks as it asks for.

    moto gives each service the same number, so that most never become stable.
    """
    from moto.ecs.models import Service

    create = Service.__init__

    def create_and_run(self, *args, **kwargs):
        create(self, *args, **kwargs)
        self.running_count, self.pending_count = self.desired_count, 0
        for deployment in self.deployments:
            deployment["runningCount"], deployment["pendingCount"] = self.desired_count, 0

    Service.__init__ = create_and_run


def let_nat_gateways_give_back_their_address():
    """Frees the elastic IP of a deleted NAT gateway, and deletes its network interface, as AWS does.

    moto leaves it associated, so that no successor could ever have it, and the
    interface in its subnet.
    """
    from moto.ec2.models.nat_gateways import NatGatewayBackend

    delete = NatGatewayBackend.delete_nat_gateway

    def delete_and_free(self, nat_gateway_id):
        gateway = delete(self, nat_gateway_id)
        freed = {address.get("allocationId") for address in gateway.address_set}
        for address in self.addresses:
            if address.allocation_id in freed and address.association_id:
                self.disassociate_address(association_id=address.association_id)
        for address in gateway.address_set:
            self.enis.pop(address.get("networkInterfaceId"), None)
        return gateway

    NatGatewayBackend.delete_nat_gateway = delete_and_free


def let_managed_policies_be_read_once():
    """Reads AWS's managed policies once, and gives them to accounts of the partition `aws` alone.

    moto reads them anew for each account and for each of the partitions, in which it looks for every access key: some
    seconds of each new account.
    """
    import functools

    from moto.iam import models

    @functools.cache
    def policies():
        return json.loads(models.aws_managed_policies_data)

    def of_account(self):
        if self.region_name != "aws" or not models.load_iam_aws_managed_policies():
            return []
        made = models.AWSManagedPolicy.from_data
        return [made(name, self.account_id, self.region_name, data) for name, data in policies().items()]

    models.IAMBackend._init_aws_policies = of_account


def let_repositories_be_listed_and_pushed_to():
    """Lists repositories by their tags, takes the filters of tags that may be moved as the wildcards that they are, and
    calls an image by the digest of its manifest.

    moto leaves repositories out of the tagging API, reads `*-dev` as a regular expression, which it is not, and gives
    images of the same layers the same digest.
    """
    import copy
    import fnmatch
    import hashlib

    from moto.core.resource_tagging import TaggableResourcesMixin, TaggedResource
    from moto.ecr.models import ECRBackend, Image

    def digest(self):
        self._image_digest = "sha256:" + hashlib.sha256(self.image_manifest.encode()).hexdigest()

    def tagged(self):
        for repository in list(self.repositories.values()):
            tags = self.tagger.get_tag_dict_for_resource(repository.arn)
            yield TaggedResource(arn=repository.arn, tags=tags, resource_type="ecr:repository")

    resolve = ECRBackend._resolve_image_tag_mutability

    def resolve_wildcards(self, repository, tag):
        if tag is None:
            return []
        repository = copy.copy(repository)
        filters = repository.image_tag_mutability_exclusion_filters or []
        filters = [{**one, "filter": fnmatch.translate(one["filter"])} for one in filters]
        repository.image_tag_mutability_exclusion_filters = filters
        return resolve(self, repository, tag)

    if not issubclass(ECRBackend, TaggableResourcesMixin):
        ECRBackend.SERVICE_NAMESPACE, ECRBackend.iter_tagged_resources = "ecr", tagged
        ECRBackend.__bases__ += (TaggableResourcesMixin,)
        ECRBackend._resolve_image_tag_mutability, Image._create_digest = resolve_wildcards, digest


def let_secrets_keep_their_labels():
    """Moves the labels of a secret's versions as AWS does, and keeps the keys of replicas.

    moto takes another version for the current one after AWSCURRENT was moved by hand, so that two have it in the end,
    takes every label from a version that is current no longer, and forgets the key that a replica was to have.
    """
    from moto.secretsmanager.models import FakeSecret, ReplicaSecret, SecretsManagerBackend

    default = SecretsManagerBackend.DEFAULT_KMS_KEY_ALIAS

    def current(self):
        return next((id for id, version in self.versions.items() if "AWSCURRENT" in version["version_stages"]), None)

    def make_current(self, version, id):
        before = self.default_version_id
        self.versions[id] = version
        moved = {*version["version_stages"], "AWSCURRENT", "AWSPREVIOUS"}
        for other in self.versions.values():
            if other is not version:
                other["version_stages"] = [label for label in other["version_stages"] if label not in moved]
        if before not in (None, id):
            self.versions[before]["version_stages"].append("AWSPREVIOUS")

    create, describe = FakeSecret.create_replicas, ReplicaSecret.to_dict

    def create_with_keys(self, replica_regions, force_overwrite):
        replicas = create(self, replica_regions, force_overwrite)
        for asked, replica in zip(replica_regions, replicas):
            replica.config["KmsKeyId"] = asked.get("KmsKeyId") or default
        return replicas

    def describe_with_key(self):
        key = self.config["KmsKeyId"]
        return {**describe(self), "KmsKeyId": None if key == default else key}

    FakeSecret.default_version_id = property(current, lambda self, _: None)
    FakeSecret.reset_default_version = make_current
    FakeSecret.create_replicas, ReplicaSecret.to_dict = create_with_keys, describe_with_key


class Memory:
    """What the front remembers about this world. It is here because it has to be as old as the world."""

    def __init__(self):
        self.lock, self.values = threading.Lock(), {}

    def answer(self, body):
        """Answers a question in JSON: {"op": "get" | "put", "key", "value"}, with what was there before."""
        question = json.loads(body)
        key = question["key"]
        with self.lock:
            known = self.values.get(key)
            if question["op"] == "put":
                self.values[key] = question["value"]
        return json.dumps({"value": known}).encode()

    def clear(self):
        with self.lock:
            self.values.clear()


def change_account(body):
    """Does to an account of the organization what moto has no operation for.

    {"op": "join", "management", "id", "name", "email", "tags"} or {"op": "rename", "management", "id", "name"}.
    """
    from moto.organizations.models import FakeAccount, organizations_backends

    change = json.loads(body)
    backend = organizations_backends[change["management"]]["aws"]
    if change["op"] == "rename":
        backend.get_account_by_id(change["id"]).name = change["name"]
        return b"{}"
    tags = [{"Key": key, "Value": value} for key, value in change["tags"].items()]
    # moto gives each new account the role that enters it: one of nobody's account, here.
    account = FakeAccount(backend.org, AccountName=change["name"], Email=change["email"], Tags=tags)
    account.id, account.joined_method = change["id"], "INVITED"
    backend.accounts.append(account)
    backend.attach_policy(PolicyId="p-FullAWSAccess", TargetId=account.id)
    organizations_backends.master_accounts[account.id] = (change["management"], "aws")
    return b"{}"


def failure(error):
    """What to answer when moto fails. SDKs repeat a 500 many times, but not a 501."""
    missing = isinstance(error, NotImplementedError)
    status = "501 Not Implemented" if missing else "500 Internal Server Error"
    kind = "NotImplemented" if missing else "InternalFailure"
    body = {"__type": kind, "message": f"moto failed: {type(error).__name__}: {error}"}
    headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", kind)]
    return status, headers, json.dumps(body).encode()


def serve(listener, nonce):
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import make_server

    def create_app(service):
        app = create_backend_app(service)
        if service == "ecs" and os.environ[RUNNING] == TUNING[RUNNING]:
            let_services_reach_their_count()
        if service == "ec2":
            let_nat_gateways_give_back_their_address()
        if service == "ecr":
            let_repositories_be_listed_and_pushed_to()
        if service == "secretsmanager":
            let_secrets_keep_their_labels()
        return app

    let_managed_policies_be_read_once()
    moto = DomainDispatcherApplication(create_app)
    identity = json.dumps({"nonce": nonce}).encode()
    memory = Memory()

    def application(environ, start_response):
        # Answered here, so that a server whose port was taken over is told apart.
        if environ["PATH_INFO"] == "/orgstrap/identity":
            start_response("200 OK", [("Content-Type", "application/json")])
            return [identity]
        if environ["PATH_INFO"] == "/orgstrap/memory":
            start_response("200 OK", [("Content-Type", "application/json")])
            return [memory.answer(environ["wsgi.input"].read())]
        if environ["PATH_INFO"] == "/orgstrap/account":
            answer = change_account(environ["wsgi.input"].read())
            start_response("200 OK", [("Content-Type", "application/json")])
            return [answer]
        if environ["PATH_INFO"] == "/moto-api/reset":
            memory.clear()
        return moto(environ, start_response)

    class Handler(MotoRequestHandler):
        """Keeps connections open, which Werkzeug's own handler never does.

        It closes because it cannot know whether a request was read to its end.
        Here the whole request is read before the application sees it, and the
        whole response is collected, so that its length is known.
        """

        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        # Silent connections end, but only after the 90 seconds for which the SDK's
        # pool keeps an idle one: the client shall be the one that closes.
        timeout = 120

        def run_wsgi(self):
            environ = self.make_environ()
            if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
                body = environ["wsgi.input"].read()
                self.close_connection = True  # trailers, if any, stay unread
            else:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            environ["wsgi.input"] = io.BytesIO(body)

            try:
                status, headers, payload = answer(environ)
            except Exception as error:
                self.server.log("error", "%s", traceback.format_exc())
                status, headers, payload = failure(error)

            code, _, reason = status.partition(" ")
            self.send_response(int(code), reason)
            has_length = False
            for name, value in headers:
                has_length |= name.lower() == "content-length"
                self.send_header(name, value)
            if self.close_connection:
                self.send_header("Connection", "close")
            if self.command == "HEAD" or code in ("204", "304"):
                payload = b""
            elif not has_length:
                self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_request(self, *_):
            """Says nothing: a line for each call would fill the disk."""

    def answer(environ):
        """Runs the application and collects its response."""
        start = []
        written = []

        def start_response(status, headers, exc_info=None):
            start[:] = [status, headers]
            return written.append

        chunks = application(environ, start_response)
        try:
            written.extend(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        status, headers = start
        return status, headers, b"".join(written)

    server = make_server(
        "127.0.0.1",
        0,
        application,
        threaded=True,
        request_handler=Handler,
        fd=listener.fileno(),
    )
    server.serve_forever()


if __name__ == "__main__":
    main()
