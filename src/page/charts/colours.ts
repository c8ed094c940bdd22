/** The page's colours as the style sheet has them now, in the light or in the dark. */
export interface Colours {
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly surface: string;
  readonly accent: string;
  readonly front: string;
  readonly target: string;
  readonly sample: string;
  readonly step: string;
  readonly retrain: string;
  /** Distinguishes up to eight things, also for the colour-blind (after Okabe & Ito 2008). */
  readonly series: readonly string[];
}

const SERIES = [1, 2, 3, 4, 5, 6, 7, 8];

export function coloursNow(): Colours {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    text: of('text'),
    muted: of('muted'),
    line: of('line'),
    surface: of('surface'),
    accent: of('accent'),
    front: of('front'),
    target: of('target'),
    sample: of('sample'),
    step: of('step'),
    retrain: of('retrain'),
    series: SERIES.map((number) => of(`series-${number}`)),
  };
}
