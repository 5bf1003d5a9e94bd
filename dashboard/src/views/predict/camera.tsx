import { useEffect, useRef, useState } from 'preact/hooks';
import { milliseconds, percent, rate } from '../../format.js';
import { tellError } from '../../state/toasts.js';
import { strings } from '../../strings.js';
import { Card } from '../../ui/card.js';
import { type CameraAnswer, CameraStream, photograph } from './camera-stream.js';
import { addImages, chosenVersion } from './results.js';

const PHOTO_SIZE = 1600;

async function openCamera(): Promise<MediaStream> {
  // Browsers hide `mediaDevices` from pages that are not secure.
  if (!window.isSecureContext) throw new Error(strings.camera.insecure);
  const video = { facingMode: 'environment', width: { ideal: 1280 } };
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotAllowedError')
      throw new Error(strings.camera.denied);
    throw error;
  }
}

/** Classifies the camera while it is shown. */
function useCamera(onClose: () => void, onAnswer: (answer: CameraAnswer) => void) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    let media: MediaStream | undefined;
    let stream: CameraStream | undefined;
    let isClosed = false;
    const fail = (error: unknown): void => {
      tellError(error);
      onClose();
    };
    const start = async (): Promise<void> => {
      media = await openCamera();
      const element = video.current;
      if (isClosed || element === null) return;
      element.srcObject = media;
      await element.play();
      if (!isClosed)
        stream = new CameraStream({ video: element, version: chosenVersion.value, onAnswer, onError: fail });
    };
    start()
      .catch(fail)
      .finally(() => isClosed && stop());
    const stop = (): void => {
      stream?.stop();
      for (const track of media?.getTracks() ?? []) track.stop();
    };
    return () => {
      isClosed = true;
      stop();
    };
  }, []);
  return video;
}

export function Camera({ onClose }: { onClose: () => void }) {
  const [answer, setAnswer] = useState<CameraAnswer>();
  const video = useCamera(onClose, setAnswer);
  const snap = async (): Promise<void> => {
    if (video.current === null) return;
    addImages([{ name: strings.predict.photo, image: await photograph(video.current, PHOTO_SIZE) }]);
  };
  const actions = (
    <>
      <button type="button" class="button" disabled={answer === undefined} onClick={() => void snap()}>
        {strings.camera.snap}
      </button>
      <button type="button" class="button" onClick={onClose}>
        {strings.camera.stop}
      </button>
    </>
  );
  return (
    <Card title={strings.camera.title} actions={actions}>
      <div class="camera">
        <video ref={video} muted playsInline aria-label={strings.camera.video} />
        <div class="camera-answer">
          <span class="camera-label">{answer?.label ?? strings.camera.waiting}</span>
          {answer !== undefined && <span class="number">{percent(answer.confidence)}</span>}
        </div>
      </div>
      {answer !== undefined && (
        <p class="legend number">
          <span>{strings.camera.fps(rate(answer.framesPerSecond))}</span>
          <span>{strings.camera.latency(milliseconds(answer.latencyMs))}</span>
          {answer.superseded > 0 && <span>{strings.camera.dropped(answer.superseded)}</span>}
        </p>
      )}
    </Card>
  );
}
