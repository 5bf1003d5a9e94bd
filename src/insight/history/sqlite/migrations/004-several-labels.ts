/**
 * Answers of models that give an image several labels. `labels` and `feedback_labels` are `classes.ref` as uint32
 * little-endian. `labels` is null for a model of one class an image. Where `feedback_ref` is 0, `feedback_labels` has the truth.
 */
export default /* sql */ `
ALTER TABLE predictions ADD COLUMN labels BLOB;
ALTER TABLE predictions ADD COLUMN feedback_labels BLOB;

-- The predictions that answered a label, in time order; only of rows with labels.
CREATE TABLE answered_labels (
  class_ref INTEGER NOT NULL,
  id BLOB NOT NULL, -- predictions.id
  PRIMARY KEY (class_ref, id)
) STRICT, WITHOUT ROWID;
`;
