import type { Upload } from '../../../../clients/typescript/src/answers/learning.js';
import { moment } from '../../format.js';
import { server } from '../../state/server.js';
import { attempt, tell } from '../../state/toasts.js';
import { strings } from '../../strings.js';
import { ConfirmButton } from '../../ui/confirm-button.js';

const text = strings.train;

function sourceOf({ source }: Upload): string {
  return Object.entries(text.uploadSources).find(([name]) => name === source)?.[1] ?? source;
}

/** Past uploads, the newest first; each can be deleted with its images. */
export function Uploads({ uploads, onRemove }: { uploads: readonly Upload[]; onRemove: () => void }) {
  const remove = async (id: string): Promise<void> => {
    const removed = await attempt(() => server.value.removeUpload(id));
    if (removed === undefined) return;
    tell(text.removed(removed.images_removed));
    onRemove();
  };
  if (uploads.length === 0) return null;
  return (
    <div class="stack tight">
      <h3>{text.uploads}</h3>
      <ul class="uploads">
        {uploads.map((upload) => (
          <li key={upload.id}>
            <span class="small">
              {text.uploadOf(upload.images, sourceOf(upload))}
              <span class="muted"> · {moment(upload.created_at)}</span>
            </span>
            <ConfirmButton
              text={text.remove}
              label={text.removeOf(moment(upload.created_at))}
              question={text.removeSurely}
              onConfirm={() => void remove(upload.id)}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}
