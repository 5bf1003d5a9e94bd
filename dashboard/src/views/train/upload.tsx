import { FolderUp } from 'lucide';
import { useRef, useState } from 'preact/hooks';
import { labels, task } from '../../state/labels.js';
import { modelName } from '../../state/models.js';
import { server } from '../../state/server.js';
import { attempt, tell } from '../../state/toasts.js';
import { strings } from '../../strings.js';
import { DropArea } from '../../ui/drop-area.js';
import { Field } from '../../ui/field.js';
import { Icon } from '../../ui/icon.js';
import { sendUpload } from './send-upload.js';
import { chosenFiles, droppedFiles, isArchive, type LabelledFile } from './upload-files.js';

const text = strings.train;

function Picker({ onFiles }: { onFiles: (files: readonly LabelledFile[]) => void }) {
  const folder = useRef<HTMLInputElement>(null);
  const files = useRef<HTMLInputElement>(null);
  const take = ({ currentTarget }: { currentTarget: HTMLInputElement }): void => {
    const chosen = [...(currentTarget.files ?? [])];
    currentTarget.value = '';
    void attempt(async () => onFiles(chosenFiles(chosen, task.value)));
  };
  const common = {
    class: 'visually-hidden',
    type: 'file',
    multiple: true,
    tabIndex: -1,
    onChange: take,
  } as const;
  return (
    <DropArea
      label={text.dropFolder(task.value)}
      class="compact"
      onDrop={(transfer) => void attempt(async () => onFiles(await droppedFiles(transfer, task.value)))}
    >
      <span class="drop-icon">
        <Icon node={FolderUp} size={24} />
      </span>
      <p>{text.dropFolder(task.value)}</p>
      <div class="row">
        <button type="button" class="button" onClick={() => folder.current?.click()}>
          {text.chooseFolder}
        </button>
        <button type="button" class="button" onClick={() => files.current?.click()}>
          {text.chooseFiles}
        </button>
      </div>
      <input {...common} ref={folder} aria-label={text.chooseFolder} {...{ webkitdirectory: true }} />
      <input {...common} ref={files} aria-label={text.chooseFiles} />
    </DropArea>
  );
}

function LabelField({ value, onInput }: { value: string; onInput: (label: string) => void }) {
  return (
    <Field label={text.label(task.value)}>
      <input
        class="input"
        required={task.value === 'single'}
        list="known-labels"
        value={value}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
      <datalist id="known-labels">
        {labels.value.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
    </Field>
  );
}

function readyText(files: readonly LabelledFile[]): string {
  const [first] = files;
  if (first?.packed !== undefined) return text.tableReady(first.packed.images, first.packed.table);
  if (first !== undefined && isArchive(first.file)) return text.archiveReady(first.file.name);
  return text.ready(files.length, new Set(files.map(({ label }) => label)).size);
}

export function Upload({ onDone }: { onDone: () => void }) {
  const [files, setFiles] = useState<readonly LabelledFile[]>([]);
  const [label, setLabel] = useState('');
  /** 0..1 while it is sent; undefined before and after. */
  const [sent, setSent] = useState<number>();
  const needsLabel = files.some(({ file, label: own }) => own === '' && !isArchive(file));
  const [first] = files;
  const labelled = files.map((each) => (each.label === '' ? { ...each, label } : each));
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    setSent(0);
    const added = await attempt(() => sendUpload(modelName.value, labelled, setSent));
    setSent(undefined);
    if (added === undefined) return;
    setFiles([]);
    tell(text.uploaded(added.files_saved, added.duplicates));
    if (added.new_labels.length > 0) tell(text.newLabels(added.new_labels.join(', ')));
    onDone();
  };
  const fromFeedback = async (): Promise<void> => {
    const added = await attempt(() => server.value.addFeedbackImages(modelName.value));
    if (added === undefined) return;
    tell(text.fromFeedbackDone(added.files_saved));
    onDone();
  };
  return (
    <div class="stack">
      <Picker onFiles={setFiles} />
      {first !== undefined && (
        <form class="stack" onSubmit={(event) => void send(event)}>
          <p class="number">{readyText(labelled)}</p>
          {needsLabel && <LabelField value={label} onInput={setLabel} />}
          {sent !== undefined && (
            <div class="stack tight" role="status">
              <progress class="progress" aria-label={text.upload} value={sent} max={1} />
              <p class="muted small">{sent < 1 ? text.uploading(Math.round(100 * sent)) : text.checking}</p>
            </div>
          )}
          <button type="submit" class="button primary" disabled={sent !== undefined}>
            {text.upload}
          </button>
        </form>
      )}
      <button type="button" class="button" onClick={() => void fromFeedback()}>
        {text.fromFeedback}
      </button>
    </div>
  );
}
