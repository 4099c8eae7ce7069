"""Takes the signed bytes and the signature out of a bundle, or puts another signature in.

usage: pae.py take BUNDLE OUT         writes OUT (the PAE) and OUT.sig
       pae.py put BUNDLE SIG OUT      writes a bundle with the signature in the file SIG
"""

import base64
import json
import sys
from pathlib import Path


def main(action: str, bundle_path: str, *files: str) -> None:
    bundle = json.loads(Path(bundle_path).read_bytes())
    envelope = bundle["dsseEnvelope"]
    signature = envelope["signatures"][0]
    if action == "take":
        kind, payload = envelope["payloadType"].encode(), base64.b64decode(envelope["payload"])
        pae = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
        Path(files[0]).write_bytes(pae)
        Path(files[0] + ".sig").write_bytes(base64.b64decode(signature["sig"]))
    else:
        signature["sig"] = base64.b64encode(Path(files[0]).read_bytes()).decode()
        Path(files[1]).write_text(json.dumps(bundle))


if __name__ == "__main__":
    main(*sys.argv[1:])
