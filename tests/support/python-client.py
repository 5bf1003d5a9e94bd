"""Uses clients/python against a server, for tests/integration/stream.test.ts: prints one JSON object."""

import asyncio
import json
import sys
from pathlib import Path

sys.path.append("clients/python")

from fovea_client import FoveaClient, FoveaError, ImageAnswer, RequestOptions  # noqa: E402


async def failure(prediction) -> str:
    try:
        await prediction
    except FoveaError as error:
        return f"{error.status} {error.code}"
    return "none"


async def main(url: str, key: str, proxied_url: str, image: str) -> None:
    file = Path(image).read_bytes()
    async with FoveaClient(url, key) as client, client.stream() as stream:
        http = await client.predict(file, top_k=2)
        batch = await client.predict_batch([file, b"no image"])
        plain = await stream.predict(file)
        ranked = await stream.predict(file, RequestOptions(top_k=2, wants_ids=True))
        tensor = await stream.predict_pixels(bytes(2 * 3072), 2)
        many = await asyncio.gather(*(stream.predict(file) for _ in range(40)))
        result = {
            "http": [entry["class_index"] for entry in http["top_k"]],
            "batch_errors": [[error["index"], error["code"]] for error in batch["errors"]],
            "probabilities": [list(http["all_probabilities"].values()), list(plain.probabilities)],
            "ranked": [index for index, _ in ranked.ranked],
            "prediction_id": ranked.prediction_id,
            "tensor": [isinstance(answer, ImageAnswer) for answer in tensor],
            "many": len(many),
            "failures": [
                await failure(client.predict(b"no image")),
                await failure(stream.predict(b"no image")),
                await failure(stream.predict(file, RequestOptions(model="x"))),
                await failure(stream.predict_pixels(b"123")),
            ],
        }
    async with FoveaClient(url, "wrong") as client, client.stream() as stream:
        result["wrong_key"] = await failure(stream.predict(file))
    async with FoveaClient(proxied_url, key) as client, client.stream() as stream:
        await stream.predict(file)
        sent = [asyncio.create_task(stream.predict(file)) for _ in range(16)]
        print("cut", flush=True)
        await asyncio.gather(*sent)
        result["answered_after_a_cut"] = len(sent)
    print(json.dumps(result))


asyncio.run(asyncio.wait_for(main(*sys.argv[1:]), 60))
