/** How unusual an image was; null where it was not kept, or the version knows no distance. */
export default /* sql */ `
ALTER TABLE predictions ADD COLUMN distance REAL;
CREATE INDEX predictions_by_distance ON predictions (version_ref, distance, id) WHERE distance IS NOT NULL;
`;
