/** How unsure an answer was; null where its image was not kept, so that other rows cost no entry of an index. */
export default /* sql */ `
ALTER TABLE predictions ADD COLUMN margin REAL;
ALTER TABLE predictions ADD COLUMN entropy REAL;
CREATE INDEX predictions_by_margin ON predictions (version_ref, margin, id) WHERE margin IS NOT NULL;
CREATE INDEX predictions_by_entropy ON predictions (version_ref, entropy, id) WHERE entropy IS NOT NULL;
`;
