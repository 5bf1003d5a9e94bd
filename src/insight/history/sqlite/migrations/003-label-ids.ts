/** What another system calls the labels of a version: feedback takes these names too. */
export default /* sql */ `
ALTER TABLE model_versions ADD COLUMN label_ids TEXT; -- JSON array in the order of labels, or null
`;
