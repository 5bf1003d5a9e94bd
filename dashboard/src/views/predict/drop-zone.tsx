import { Camera, ImagePlus } from 'lucide';
import { useEffect, useRef } from 'preact/hooks';
import { strings } from '../../strings.js';
import { DropArea } from '../../ui/drop-area.js';
import { Icon } from '../../ui/icon.js';
import { addImages } from './results.js';

function addFiles(files: Iterable<File>, name?: string): void {
  addImages([...files].map((image) => ({ name: name ?? image.name, image })));
}

/** Images that are pasted anywhere on the page. */
function usePaste(): void {
  useEffect(() => {
    const paste = ({ clipboardData }: ClipboardEvent): void => {
      const files = [...(clipboardData?.files ?? [])].filter(({ type }) => type.startsWith('image/'));
      if (files.length > 0) addFiles(files, files.length === 1 ? strings.predict.pasted : undefined);
    };
    document.addEventListener('paste', paste);
    return () => document.removeEventListener('paste', paste);
  }, []);
}

export function DropZone({ onCamera }: { onCamera: () => void }) {
  const picker = useRef<HTMLInputElement>(null);
  usePaste();
  return (
    <DropArea label={strings.predict.drop} onDrop={({ files }) => addFiles(files)}>
      <span class="drop-icon">
        <Icon node={ImagePlus} size={24} />
      </span>
      <div>
        <p class="drop-title">{strings.predict.drop}</p>
        <p class="muted small">{strings.predict.or}</p>
      </div>
      <div class="row">
        <button type="button" class="button primary" onClick={() => picker.current?.click()}>
          {strings.predict.choose}
        </button>
        <button type="button" class="button" onClick={onCamera}>
          <Icon node={Camera} />
          {strings.predict.camera}
        </button>
      </div>
      <input
        ref={picker}
        class="visually-hidden"
        type="file"
        accept="image/*"
        multiple
        tabIndex={-1}
        aria-label={strings.predict.choose}
        onChange={({ currentTarget }) => {
          addFiles(currentTarget.files ?? []);
          currentTarget.value = '';
        }}
      />
    </DropArea>
  );
}
