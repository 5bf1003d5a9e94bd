"""Client of Fovea, an image-classification server: HTTP by httpx, streams by websockets.

    async with FoveaClient("http://localhost:5000") as client:
        answer = await client.predict(Path("cat.jpg").read_bytes(), top_k=3)
        async with client.stream(top_k=1) as stream:
            answers = await asyncio.gather(*(stream.predict(image) for image in images))

docs/stream-protocol.md specifies the frames of a stream (sub-protocol fovea.bin.v1).
"""

from __future__ import annotations

import asyncio
import json
import random
import struct
import uuid
from array import array
from collections import deque
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Deque, Dict, List, Optional, Sequence, Tuple, Type, Union
from urllib.parse import urlencode

import httpx
import websockets
from websockets.typing import Subprotocol

PROTOCOL = Subprotocol("fovea.bin.v1")

# type, format, flags, id, images, video, top_k, model_bytes, version, deadline_ms, smoothing, reserved
_REQUEST = struct.Struct("<BBHIIIHHIIB3x")
# type, layout, status, id, images, classes, version, flags, reserved
_ANSWER = struct.Struct("<BBHIIIIHH")
_PREDICT, _AUTHENTICATE = 1, 2
_FILE, _PIXELS = 0, 1
_DROPPABLE, _IDS = 1, 2
_ANSWERED, _HELLO = 1, 2
_TOP_K = 1
_POLICY = 1008
_MAX_ID = 0xFFFFFFFF


class FoveaError(Exception):
    """An error that the server answered, or ``connection_failed`` and ``closed`` of this module. Match on ``code``."""

    def __init__(
        self,
        message: str,
        *,
        code: str,
        status: int = 0,
        details: Optional[Dict[str, Any]] = None,
        request_id: Optional[str] = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.details = details or {}
        self.request_id = request_id

    @classmethod
    def of(cls, status: int, body: Any) -> FoveaError:
        """Reads an error body of the server; a proxy's body may be anything."""
        fields: Dict[str, Any] = body if isinstance(body, dict) else {}
        return cls(
            str(fields.get("error", f"The server answered with status {status}.")),
            code=str(fields.get("code", "internal")),
            status=status,
            details=fields.get("details"),
            request_id=fields.get("request_id"),
        )


@dataclass(frozen=True)
class ImageAnswer:
    """The answer for one image: ``probabilities`` of all classes, or ``ranked`` pairs of class index and probability."""

    version: int
    probabilities: Optional[Sequence[float]] = None
    ranked: Optional[Sequence[Tuple[int, float]]] = None
    prediction_id: Optional[str] = None


Outcome = Union[ImageAnswer, FoveaError]


@dataclass(frozen=True)
class RequestOptions:
    """Options of one request of a stream; None and 0 mean the stream's own."""

    model: str = ""
    version: int = 0
    top_k: int = 0
    deadline_ms: int = 0
    video: int = 0
    droppable: bool = False
    smoothing: int = 0
    wants_ids: bool = False


def encode_request(id: int, format: int, images: int, data: bytes, options: RequestOptions) -> bytes:
    name = options.model.encode()
    flags = (_DROPPABLE if options.droppable else 0) | (_IDS if options.wants_ids else 0)
    header = _REQUEST.pack(
        _PREDICT,
        format,
        flags,
        id,
        images,
        options.video,
        options.top_k,
        len(name),
        options.version,
        options.deadline_ms,
        options.smoothing,
    )
    return header + name + data


def encode_authentication(key: str) -> bytes:
    return _REQUEST.pack(_AUTHENTICATE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) + key.encode()


def decode_answer(message: bytes) -> List[Outcome]:
    """The outcomes of an answer, one an image."""
    _, layout, _, _, images, classes, version, flags, _ = _ANSWER.unpack_from(message)
    size = classes * (8 if layout == _TOP_K else 4)
    ids_at = _ANSWER.size + images * size
    errors_at = ids_at + (16 * images if flags & _IDS else 0)
    outcomes: List[Outcome] = []
    for place in range(images):
        at = _ANSWER.size + place * size
        id_at = ids_at + 16 * place
        prediction_id = str(uuid.UUID(bytes=message[id_at : id_at + 16])) if flags & _IDS else None
        if layout == _TOP_K:
            ranked = list(struct.iter_unpack("<If", message[at : at + size]))
            outcomes.append(ImageAnswer(version, ranked=ranked, prediction_id=prediction_id))
        else:
            values = struct.unpack_from(f"<{classes}f", message, at)
            outcomes.append(ImageAnswer(version, probabilities=array("f", values), prediction_id=prediction_id))
    if errors_at < len(message):
        for error in json.loads(message[errors_at:]):
            outcomes[error["index"]] = FoveaError.of(error["status"], error)
    return outcomes


@dataclass
class _Pending:
    id: int
    frame: bytes
    answer: asyncio.Future[List[Outcome]]


class PredictionStream:
    """Predictions over one WebSocket; open it by ``async with``.

    It waits for the server's window, connects anew after a broken connection and sends unanswered requests again: such a
    request may be predicted twice but is answered once.
    """

    def __init__(
        self,
        url: str,
        api_key: Optional[str] = None,
        *,
        max_attempts: int = 10,
        min_pause: float = 0.2,
        max_pause: float = 5.0,
    ) -> None:
        self.hello: Dict[str, Any] = {}
        self._url = url
        self._api_key = api_key
        self._max_attempts = max_attempts
        self._min_pause = min_pause
        self._max_pause = max_pause
        self._waiting: Deque[_Pending] = deque()
        self._sent: Dict[int, _Pending] = {}
        self._wake = asyncio.Event()
        self._last_id = 0
        self._refusal: Optional[FoveaError] = None
        self._running: Optional[asyncio.Task[None]] = None

    async def __aenter__(self) -> PredictionStream:
        self._running = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self._end(FoveaError("The stream was closed.", code="closed"))
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def predict(self, file: bytes, options: RequestOptions = RequestOptions()) -> ImageAnswer:
        """Predicts one image file. Raises FoveaError."""
        outcomes = await self._request(_FILE, 1, file, options)
        if isinstance(outcomes[0], FoveaError):
            raise outcomes[0]
        return outcomes[0]

    async def predict_pixels(
        self, pixels: bytes, images: int = 1, options: RequestOptions = RequestOptions()
    ) -> List[Outcome]:
        """Predicts raw uint8 pixels [images, height, width, channels] of the model's input, such as ``array.tobytes()``."""
        return await self._request(_PIXELS, images, pixels, options)

    async def _request(self, format: int, images: int, data: bytes, options: RequestOptions) -> List[Outcome]:
        if self._refusal is not None:
            raise self._refusal
        self._last_id = self._last_id % _MAX_ID + 1
        frame = encode_request(self._last_id, format, images, data, options)
        pending = _Pending(self._last_id, frame, asyncio.get_running_loop().create_future())
        self._waiting.append(pending)
        self._wake.set()
        return await pending.answer

    async def _run(self) -> None:
        attempts = 0
        while self._refusal is None:
            self.hello = {}
            try:
                async with websockets.connect(self._url, subprotocols=[PROTOCOL], max_size=None) as socket:
                    if self._api_key is not None:
                        await socket.send(encode_authentication(self._api_key))
                    sending = asyncio.create_task(self._send(socket))
                    try:
                        async for message in socket:
                            self._receive(message)
                            attempts = 0
                    finally:
                        sending.cancel()
                reason = f"It was closed with {socket.close_code}."
                if socket.close_code == _POLICY:
                    self._end(FoveaError("The API key is missing or wrong.", code="unauthenticated", status=401))
            except (OSError, asyncio.TimeoutError, websockets.WebSocketException) as error:
                reason = str(error)
            self._waiting.extendleft(reversed(list(self._sent.values())))
            self._sent.clear()
            attempts += 1
            if attempts >= self._max_attempts:
                self._end(FoveaError(f"No connection to {self._url}. {reason}", code="connection_failed"))
            else:
                # Random, so that the clients of a restarted server do not return all at once.
                longest = min(self._max_pause, self._min_pause * 2 ** (attempts - 1))
                await asyncio.sleep(longest * random.uniform(0.5, 1))

    async def _send(self, socket: Any) -> None:
        """Sends what the window allows."""
        while True:
            while self._waiting and len(self._sent) < self.hello.get("window", 0):
                pending = self._waiting.popleft()
                if pending.answer.cancelled():
                    continue
                self._sent[pending.id] = pending
                await socket.send(pending.frame)
            self._wake.clear()
            await self._wake.wait()

    def _receive(self, message: Union[str, bytes]) -> None:
        if isinstance(message, str):
            raise TypeError(f"A text frame is not of {PROTOCOL}.")
        kind, _, status, id = struct.unpack_from("<BBHI", message)
        if kind == _HELLO:
            self.hello = json.loads(message[_ANSWER.size :])
        elif kind == _ANSWERED:
            self._settle(id, decode_answer(message))
        else:
            error = FoveaError.of(status, json.loads(message[_ANSWER.size :]))
            # The server ends: the request is sent again over the next connection.
            if error.code != "draining":
                self._settle(id, error)
        self._wake.set()

    def _settle(self, id: int, outcome: Union[List[Outcome], FoveaError]) -> None:
        pending = self._sent.pop(id, None)
        if pending is None:
            if isinstance(outcome, FoveaError) and outcome.code == "unauthenticated":
                self._end(outcome)
        elif not pending.answer.done():
            if isinstance(outcome, FoveaError):
                pending.answer.set_exception(outcome)
            else:
                pending.answer.set_result(outcome)

    def _end(self, error: FoveaError) -> None:
        if self._refusal is not None:
            return
        self._refusal = error
        for pending in [*self._sent.values(), *self._waiting]:
            if not pending.answer.done():
                pending.answer.set_exception(error)
        self._sent.clear()
        self._waiting.clear()


class FoveaClient:
    """A client of one server; open it by ``async with``."""

    def __init__(self, url: str, api_key: Optional[str] = None, timeout: float = 30.0) -> None:
        self._url = url.rstrip("/")
        self._api_key = api_key
        headers = {} if api_key is None else {"Authorization": f"Bearer {api_key}"}
        self._http = httpx.AsyncClient(headers=headers, timeout=timeout)

    async def __aenter__(self) -> FoveaClient:
        return self

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        await self._http.aclose()

    async def predict(self, file: bytes, **query: Union[str, int, float]) -> Dict[str, Any]:
        """Classifies one image file. ``query``: model, version, top_k, min_confidence. Raises FoveaError."""
        headers = {"Content-Type": "application/octet-stream"}
        return await self._post("/api/predict", query, content=file, headers=headers)

    async def predict_batch(self, files: Sequence[bytes], **query: Union[str, int, float]) -> Dict[str, Any]:
        """Classifies many files by one request; ``predictions`` and ``errors`` have the ``index`` of their file."""
        form = [("files", (f"image-{index}", file)) for index, file in enumerate(files)]
        return await self._post("/api/predict/batch", query, files=form)

    def stream(self, **query: Union[str, int, float]) -> PredictionStream:
        """A stream to the same server. ``query``: model, version, top_k of all its requests."""
        text = f"?{urlencode(query)}" if query else ""
        url = self._url.replace("http", "ws", 1)
        return PredictionStream(f"{url}/api/stream{text}", self._api_key)

    async def _post(self, path: str, query: Dict[str, Union[str, int, float]], **body: Any) -> Dict[str, Any]:
        try:
            response = await self._http.post(self._url + path, params=query, **body)
        except httpx.TransportError as error:
            raise FoveaError(f"No answer from {self._url}. {error}", code="connection_failed") from error
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if response.status_code != 200 or not isinstance(answer, dict):
            raise FoveaError.of(response.status_code, answer)
        return answer
