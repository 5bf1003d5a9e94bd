/** A shadow's row refers to the returned prediction. */
export default /* sql */ `
ALTER TABLE predictions ADD COLUMN shadow_of BLOB; -- predictions.id
CREATE INDEX predictions_of_shadows ON predictions (version_ref, id) WHERE shadow_of IS NOT NULL;
`;
