import { SwitchCamera } from 'lucide';
import { useEffect, useRef, useState } from 'preact/hooks';
import { milliseconds, percent, rate } from '../../format.js';
import { tellError } from '../../state/toasts.js';
import { strings } from '../../strings.js';
import { Card } from '../../ui/card.js';
import { SelectField } from '../../ui/field.js';
import { Icon } from '../../ui/icon.js';
import { type CameraAnswer, CameraStream, photograph } from './camera-stream.js';
import { addImages, chosenVersion } from './results.js';

const PHOTO_SIZE = 1600;

/** @param deviceId '' for a camera that looks away from the user */
async function openCamera(deviceId: string): Promise<MediaStream> {
  // Browsers hide `mediaDevices` from pages that are not secure.
  if (!window.isSecureContext) throw new Error(strings.camera.insecure);
  const which = deviceId === '' ? { facingMode: 'environment' } : { deviceId: { exact: deviceId } };
  const video = { ...which, width: { ideal: 1280 } };
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotAllowedError')
      throw new Error(strings.camera.denied);
    throw error;
  }
}

interface Cameras {
  readonly devices: readonly MediaDeviceInfo[];
  /** '' before a camera runs. */
  readonly current: string;
}

/** Browsers list cameras only to pages that may use one. */
async function camerasOf(media: MediaStream): Promise<Cameras> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return {
    devices: devices.filter(({ kind }) => kind === 'videoinput'),
    current: media.getVideoTracks()[0]?.getSettings().deviceId ?? '',
  };
}

interface CameraUse {
  readonly deviceId: string;
  readonly onClose: () => void;
  readonly onAnswer: (answer: CameraAnswer) => void;
  readonly onCameras: (cameras: Cameras) => void;
}

/** Classifies the camera while it is shown. */
function useCamera({ deviceId, onClose, onAnswer, onCameras }: CameraUse) {
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
      media = await openCamera(deviceId);
      onCameras(await camerasOf(media));
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
  }, [deviceId]);
  return video;
}

/** The choice among several cameras, such as front and back. */
function CameraPicker({ devices, current, onChoose }: Cameras & { onChoose: (deviceId: string) => void }) {
  if (devices.length < 2) return null;
  const place = devices.findIndex((device) => device.deviceId === current);
  const next = devices[(place + 1) % devices.length]?.deviceId ?? '';
  return (
    <div class="row end">
      <SelectField
        label={strings.camera.device}
        isLabelHidden
        value={current}
        options={devices.map(({ deviceId, label }, index) => [
          deviceId,
          label === '' ? strings.camera.unnamed(index + 1) : label,
        ])}
        onChange={onChoose}
      />
      <button type="button" class="button" onClick={() => onChoose(next)}>
        <Icon node={SwitchCamera} />
        {strings.camera.switch}
      </button>
    </div>
  );
}

export function Camera({ onClose }: { onClose: () => void }) {
  const [answer, setAnswer] = useState<CameraAnswer>();
  const [deviceId, setDeviceId] = useState('');
  const [cameras, setCameras] = useState<Cameras>({ devices: [], current: '' });
  const video = useCamera({ deviceId, onClose, onAnswer: setAnswer, onCameras: setCameras });
  const choose = (chosen: string): void => {
    setAnswer(undefined);
    setDeviceId(chosen);
  };
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
      <CameraPicker {...cameras} onChoose={choose} />
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
