"""Asks a running demo house everything that its OpenAPI document allows, and much that it does not.

Schemathesis makes the requests: as a passer-by first, then with the session of the operator and a machine's key, so
that what is guarded is reached too. It fails on an answer with 5xx and on every answer that the document does not
describe: status, media type, headers, body. Run: GUILDHALL_BIN=… python contract.py [--long]
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import datetime, timezone
from pathlib import Path

from eth_account import Account
from eth_account.messages import encode_defunct

HERE = Path(__file__).resolve().parent
# The operator of every demo: the first account of the mnemonic "test … junk".
OPERATOR = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
SEED = "20261121"
START_SECONDS = 180
# What is asked for each endpoint in the fuzzing phase, and of how many.
EXAMPLES, EXAMPLES_LONG = "6", "60"
# Never ends: a stream of events. It is tested by itself.
STREAM = "events"
# Would end the session that the others are asked with.
SIGN_OUT = "auth_sign_out"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def ask(url, body=None, headers=None, method=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"content-type": "application/json", **(headers or {})}, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer), answer.headers


def wait_until_open(url, house):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if house.poll() is not None:
            raise SystemExit(f"the house ended with {house.returncode} before it opened")
        try:
            ask(f"{url}/api/v1/status")
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"the house does not answer at {url}")


def sign_in(url):
    """A session of the operator."""
    host = url.removeprefix("http://")
    account = Account.from_key(OPERATOR)
    nonce, _ = ask(f"{url}/api/v1/auth/nonce", {})
    issued = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    message = (
        f"{host} wants you to sign in with your Ethereum account:\n{account.address}\n\nEnter the guildhall.\n\n"
        f"URI: {url}\nVersion: 1\nChain ID: 31337\nNonce: {nonce['nonce']}\nIssued At: {issued}"
    )
    signature = account.sign_message(encode_defunct(text=message)).signature.hex()
    body = {"message": message, "signature": "0x" + signature.removeprefix("0x")}
    session, headers = ask(f"{url}/api/v1/auth/verify", body)
    if "operator" not in session["roles"]:
        raise SystemExit(f"the demo's operator has only the roles {session['roles']}")
    cookie = headers["set-cookie"].split(";")[0].split("=", 1)[1]
    return {"GUILDHALL_SESSION": cookie, "GUILDHALL_CSRF": session["csrf"]}


def machine_key(binary, directory):
    """A key of a machine that may send and read supply-chain events."""
    command = [binary, "apikey", "create", "--grant", "epcis:capture", "--grant", "epcis:query", "--data-dir", directory]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return next(word for word in printed.split() if word.startswith("gh_"))


# Who is asked with what: the document's security schemes, and the variables that hold a session and a key. The
# configuration names the variables alone, so that neither stands in a file or on a command line.
DOORS = """
[auth.openapi.session]
api_key = "${GUILDHALL_SESSION}"
[auth.openapi.csrf]
api_key = "${GUILDHALL_CSRF}"
[auth.openapi.key]
bearer = "${GUILDHALL_KEY}"
"""


def schemathesis(url, secrets, examples, excluded, extra):
    program = Path(sys.executable).parent / "schemathesis"
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "schemathesis.toml"
        config.write_text((HERE / "schemathesis.toml").read_text() + (DOORS if secrets else ""))
        command = [str(program), "--config-file", str(config), "run", f"{url}/api/v1/openapi.json"]
        command += ["--url", url, "--seed", SEED, "--max-examples", examples, "--request-timeout", "20"]
        for name in excluded:
            command += ["--exclude-operation-id", name]
        environment = {**os.environ, **secrets, "PYTHONHASHSEED": "0", "NO_COLOR": "1"}
        return subprocess.run(command + extra, cwd=folder, env=environment).returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--long", action="store_true", help="ten times as many requests")
    parser.add_argument("--url", help="a demo house that runs already, with --data-dir")
    parser.add_argument("--data-dir", help="its data directory")
    parser.add_argument("--as", dest="door", choices=["passer-by", "staff"], help="only one of the two")
    parser.add_argument("extra", nargs="*", help="further flags for schemathesis, after --")
    arguments = parser.parse_args()
    binary = os.environ.get("GUILDHALL_BIN", "guildhall")
    examples = EXAMPLES_LONG if arguments.long else EXAMPLES
    with tempfile.TemporaryDirectory(prefix="guildhall-contract-") as folder:
        house, url, directory = None, arguments.url, arguments.data_dir
        if url is None:
            directory = os.path.join(folder, "data")
            http, rpc = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
            url = f"http://{http}"
            command = [binary, "up", "--demo", "--data-dir", directory, "--http", http, "--rpc", rpc]
            command += ["--solc", str(HERE.parent.parent / "contracts/script/solc")]
            house = subprocess.Popen(command, stderr=open(os.path.join(folder, "log"), "w"))
        try:
            if house is not None:
                wait_until_open(url, house)
            results = {}
            if arguments.door != "staff":
                results["passer-by"] = schemathesis(url, {}, examples, [STREAM], arguments.extra)
            if arguments.door != "passer-by":
                staff = {**sign_in(url), "GUILDHALL_KEY": machine_key(binary, directory)}
                results["staff"] = schemathesis(url, staff, examples, [STREAM, SIGN_OUT], arguments.extra)
            if house is not None and house.poll() is not None:
                raise SystemExit(f"the house ended with {house.returncode} while it was asked")
        finally:
            if house is not None:
                house.terminate()
                house.wait(timeout=30)
    for door, good in results.items():
        print(f"{door}: {'as described' if good else 'FAILED'}")
    sys.exit(0 if all(results.values()) else 1)


if __name__ == "__main__":
    main()
