import { ImageOff } from 'lucide';
import { useEffect, useRef, useState } from 'preact/hooks';
import { accessKey, server } from '../../state/server.js';
import { Icon } from '../../ui/icon.js';

/** Object URL of the kept image of a prediction; '' without one. It is fetched with the key, once it is in view. */
export function useKeptImage(id: string, isWanted: boolean): string {
  const [url, setUrl] = useState('');
  useEffect(() => {
    if (!isWanted || accessKey.value === '') return undefined;
    const abort = new AbortController();
    let own = '';
    server.value.predictionImage(id, abort.signal).then(
      (image) => {
        if (abort.signal.aborted) return;
        own = URL.createObjectURL(image);
        setUrl(own);
      },
      // Not kept, or this key may not see it: the place stays empty.
      () => undefined,
    );
    return () => {
      abort.abort();
      URL.revokeObjectURL(own);
    };
  }, [id, isWanted, accessKey.value]);
  return url;
}

export function Thumbnail({ id }: { id: string }) {
  const place = useRef<HTMLSpanElement>(null);
  const [isSeen, setIsSeen] = useState(false);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const observer = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting === true) setIsSeen(true);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const url = useKeptImage(id, isSeen);
  return (
    <span ref={place} class="thumb">
      {url === '' ? (
        <Icon node={ImageOff} size={16} />
      ) : (
        <img src={url} alt="" onError={({ currentTarget }) => currentTarget.remove()} />
      )}
    </span>
  );
}
