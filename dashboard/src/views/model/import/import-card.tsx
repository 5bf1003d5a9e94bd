import { AccessKeyButton } from '../../../shell/access-key-button.js';
import { messageOf, needsKey } from '../../../state/toasts.js';
import { strings } from '../../../strings.js';
import { Card } from '../../../ui/card.js';
import { FactField } from './fact-field.js';
import { FilePicker } from './file-picker.js';
import { IMPORT_FIELDS, type ImportField } from './import-fields.js';
import { asked, cancelImport, files, problem, report, runImport, sent } from './import-state.js';
import { Report } from './report.js';

const text = strings.import;

/** Shown before the server asks for anything. */
const USUAL: readonly ImportField[] = ['name', 'labels'];
/** What a preset says: among the further fields even if asked for. */
const EXACT: readonly ImportField[] = ['mean', 'std', 'scale', 'offset', 'interpolation', 'antialias'];

function Fields() {
  const isShown = (field: ImportField): boolean =>
    USUAL.includes(field) || (asked.value.has(field) && !EXACT.includes(field));
  const fields = (isWanted: (field: ImportField) => boolean) =>
    IMPORT_FIELDS.filter(isWanted).map((field) => <FactField key={field} field={field} />);
  return (
    <>
      <div class="filters">{fields(isShown)}</div>
      <details>
        <summary>{text.more}</summary>
        <div class="filters">{fields((field) => !isShown(field))}</div>
      </details>
    </>
  );
}

function Problem({ error }: { error: unknown }) {
  return (
    <div class="notice" role="alert">
      <p class="import-problem break">{messageOf(error)}</p>
      {needsKey(error) && <AccessKeyButton class="button small" />}
    </div>
  );
}

function Progress({ share }: { share: number }) {
  return (
    <div class="stack tight" role="status">
      <progress class="progress" aria-label={text.submit} value={share < 1 ? share : undefined} max={1} />
      <p class="muted small">{share < 1 ? text.sending(Math.floor(100 * share)) : text.trying}</p>
    </div>
  );
}

function Actions() {
  const isBusy = sent.value !== undefined;
  const isOff = isBusy || files.value.length === 0;
  return (
    <div class="row">
      <button type="submit" class="button primary" disabled={isOff}>
        {text.submit}
      </button>
      <button type="button" class="button" disabled={isOff} onClick={() => void runImport(true)}>
        {text.dryRun}
      </button>
      {isBusy && (
        <button type="button" class="button" onClick={cancelImport}>
          {strings.cancel}
        </button>
      )}
    </div>
  );
}

/** Takes over a model that another tool trained. */
export function ImportCard() {
  const submit = (event: Event): void => {
    event.preventDefault();
    void runImport(false);
  };
  return (
    <Card title={text.title} help={text.help} class="import">
      <form class="stack" onSubmit={submit}>
        <FilePicker />
        {problem.value !== undefined && <Problem error={problem.value} />}
        <Fields />
        {sent.value !== undefined && <Progress share={sent.value} />}
        <Actions />
      </form>
      {report.value !== undefined && <Report report={report.value} />}
    </Card>
  );
}
