/** File name of a trial's weights in the study's checkpoints folder. */
export const checkpointName = (trial: number): string => `trial-${trial}.weights`;
