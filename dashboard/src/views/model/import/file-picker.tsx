import { PackagePlus } from 'lucide';
import { useRef } from 'preact/hooks';
import { bytes } from '../../../format.js';
import { attempt } from '../../../state/toasts.js';
import { strings } from '../../../strings.js';
import { DropArea } from '../../../ui/drop-area.js';
import { Icon } from '../../../ui/icon.js';
import { chooseFiles, files, problem, setField } from './import-state.js';

const text = strings.import;

function take({ items, files: dropped }: DataTransfer): void {
  chooseFiles([]);
  const hasFolder = [...items].some((item) => item.webkitGetAsEntry()?.isDirectory === true);
  if (hasFolder) problem.value = new Error(text.folder);
  else chooseFiles([...dropped]);
}

interface PickerProps {
  readonly label: string;
  readonly isMultiple?: boolean;
  readonly onFiles: (files: readonly File[]) => void;
}

function Picker({ label, isMultiple = false, onFiles }: PickerProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class="button" onClick={() => input.current?.click()}>
        {label}
      </button>
      <input
        ref={input}
        class="visually-hidden"
        type="file"
        multiple={isMultiple}
        tabIndex={-1}
        aria-label={label}
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])]);
          currentTarget.value = '';
        }}
      />
    </>
  );
}

/** The model's files, and a file whose text becomes the labels. */
export function FilePicker() {
  const readLabels = async ([file]: readonly File[]): Promise<void> => {
    if (file !== undefined) setField('labels', await file.text());
  };
  const size = files.value.reduce((sum, file) => sum + file.size, 0);
  return (
    <DropArea label={text.drop} class="compact" onDrop={take}>
      <span class="drop-icon">
        <Icon node={PackagePlus} size={24} />
      </span>
      <p class="break" role="status">
        {files.value.length === 0
          ? text.drop
          : text.chosen(files.value.map(({ name }) => name).join(', '), bytes(size))}
      </p>
      <div class="row">
        <Picker label={text.choose} isMultiple onFiles={chooseFiles} />
        <Picker label={text.chooseLabels} onFiles={(chosen) => void attempt(() => readLabels(chosen))} />
      </div>
    </DropArea>
  );
}
