/** The database of a study, in its folder. */
export const STUDY_FILE = 'trials.sqlite';
