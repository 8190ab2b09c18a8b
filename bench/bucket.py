"""A storage that speaks S3, for trials: `python -m bench.bucket ADDRESS PORT`.

SIGUSR1 takes it away, so that connections are refused; SIGUSR2 brings it back with what it had.
"""

import signal
import sys
import threading

import boto3
from moto.server import ThreadedMotoServer

from bench.cluster import BUCKET, KEY, SECRET


def main(address: str, port: int) -> None:
    wake, wanted = threading.Event(), [True]

    def want(is_there: bool) -> None:
        wanted[0] = is_there
        wake.set()

    signal.signal(signal.SIGUSR1, lambda *_: want(False))
    signal.signal(signal.SIGUSR2, lambda *_: want(True))
    server = ThreadedMotoServer(address, port, verbose=False)
    server.start()
    boto3.client(
        "s3",
        endpoint_url=f"http://{address}:{port}",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        region_name="us-east-1",
    ).create_bucket(Bucket=BUCKET)
    is_there = True
    while True:
        wake.wait(1)
        wake.clear()
        if wanted[0] and not is_there:
            server = ThreadedMotoServer(address, port, verbose=False)
            server.start()
        elif is_there and not wanted[0]:
            server.stop()
        is_there = wanted[0]


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
