"""Classifies the frames of a camera as fast as the server answers; needs opencv-python.
Run: python3 webcam.py [--camera 0] [--url http://localhost:5000]"""

import argparse
import asyncio
import sys
from pathlib import Path

import cv2

sys.path.append(str(Path(__file__).resolve().parents[1]))

from fovea_client import FoveaClient, FoveaError, PredictionStream, RequestOptions  # noqa: E402

# A frame gives way to a newer one, and an answer is the average of five, so that the class does not flicker.
FRAME = RequestOptions(top_k=1, video=1, droppable=True, smoothing=5)


async def classify(stream: PredictionStream, frame: bytes) -> None:
    try:
        answer = await stream.predict(frame, FRAME)
    except FoveaError as error:
        if error.code != "superseded":
            print(f"{error.code}: {error}", file=sys.stderr)
        return
    index, confidence = (answer.ranked or [(0, 0.0)])[0]
    print(f"{stream.hello['model']['labels'][index]} ({confidence:.0%})", flush=True)


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--camera", type=int, default=0)
    parser.add_argument("--url", default="http://localhost:5000")
    parser.add_argument("--api-key")
    args = parser.parse_args()
    camera = cv2.VideoCapture(args.camera)
    running: set = set()
    async with FoveaClient(args.url, args.api_key) as client, client.stream() as stream:
        while True:
            is_read, picture = await asyncio.to_thread(camera.read)
            if not is_read:
                sys.exit("The camera gives no picture.")
            _, jpeg = cv2.imencode(".jpg", picture)
            task = asyncio.create_task(classify(stream, jpeg.tobytes()))
            running.add(task)
            task.add_done_callback(running.discard)


asyncio.run(main())
