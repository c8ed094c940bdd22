import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  inspectCards,
  readInstallation,
  tensorflowEnvironment,
  type CardReport,
  type Flavour,
} from '../../backends/index.js';
import { entryFile, formatMs } from '../../core/index.js';
import { runProgram } from '../../process/index.js';
import { parseAnswer, type ProbeAnswer, type ProbeOptions } from './answer.js';
import type { DoctorCheck, DoctorOptions } from './check.js';
import { gpuIsOptional } from '../environment.js';
import { temporaryFolder } from '../temporary.js';

const BACKENDS = { cpu: 'tensorflow', gpu: 'tensorflow-gpu' } as const;

/** The flavour that is asked about, else all that are set up; each trains a step and times a network. */
export async function tensorflow(options: DoctorOptions): Promise<DoctorCheck[]> {
  const { places, env, root, signal, flavour: asked } = options;
  const isSetUp = (flavour: Flavour): boolean => readInstallation(places.tensorflow, flavour) !== undefined;
  const wanted = asked === undefined ? (['cpu', 'gpu'] as const).filter(isSetUp) : [asked];
  const cards = await inspectCards({ env, ...(root === undefined ? {} : { root }), signal });
  const needed = asked === 'gpu' || !isSetUp('cpu');
  const checks: DoctorCheck[] = [];
  if (wanted.length === 0) checks.push(notSetUp('cpu', options));
  for (const flavour of wanted) {
    if (!isSetUp(flavour)) checks.push(notSetUp(flavour, options));
    else if (flavour === 'cpu') checks.push(...cpuChecks(await probe('cpu', options), options));
    else checks.push(...gpuChecks(await probe('gpu', options), cards, needed, options));
  }
  if (!(wanted.includes('gpu') && isSetUp('gpu')) && (cards.present || asked === 'gpu'))
    checks.push(unusedCard(cards, asked));
  return checks;
}

function notSetUp(flavour: Flavour, { places }: DoctorOptions): DoctorCheck {
  const fix = flavour === 'gpu' ? 'npx nas setup --backend tensorflow-gpu' : 'npx nas setup';
  return { name: NAMES[flavour], state: 'fail', found: `not set up in ${places.tensorflow}`, fix };
}

const NAMES = { cpu: 'TensorFlow', gpu: 'TensorFlow, CUDA' } as const;

/** A card that nothing here trains on. */
function unusedCard(cards: CardReport, asked: Flavour | undefined): DoctorCheck {
  if (cards.problem !== undefined) {
    const { found, fix } = cards.problem;
    return { name: 'NVIDIA card', state: asked === 'gpu' ? 'fail' : 'warn', found, fix };
  }
  if (asked !== undefined) return { name: 'NVIDIA card', state: 'ok', found: cardText(cards) };
  const fix = 'npx nas setup --backend tensorflow-gpu, then --backend tensorflow-gpu at nas search';
  return { name: 'NVIDIA card', state: 'warn', found: `${cardText(cards)}; not used`, fix };
}

function cardText({ cards, driver }: CardReport): string {
  const list = cards.length === 0 ? 'there, nvidia-smi is not' : cards.join('; ');
  return driver === undefined ? list : `${list}; driver ${driver}`;
}

interface Probed {
  readonly answer: ReturnType<typeof parseAnswer>;
  /** What TensorFlow itself printed. */
  readonly words: string;
}

async function probe(flavour: Flavour, options: DoctorOptions): Promise<Probed> {
  const { places, threads, env, signal } = options;
  const directory = places.tensorflow;
  const place = temporaryFolder('doctor');
  try {
    const given: ProbeOptions = { directory, flavour, threads, temporaryFolder: place, cpuAllowed: true };
    const own = tensorflowEnvironment({ flavour, threads, deterministic: false, directory, outer: env });
    const variables = { ...env, ...own, ...(flavour === 'gpu' ? { TF_CPP_MIN_LOG_LEVEL: '0' } : {}) };
    const { stdout, stderr } = await runProgram(
      process.execPath,
      [entryFile(import.meta.url, 'probe'), JSON.stringify(given)],
      { env: variables, timeoutMs: 300_000, signal },
    );
    return { answer: parseAnswer(stdout), words: stderr };
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

function cpuChecks({ answer }: Probed, options: DoctorOptions): DoctorCheck[] {
  if ('problem' in answer) return [broken('cpu', answer.problem, options)];
  const found = `${version(answer)} on the CPU, ${options.threads} threads`;
  return [{ name: 'TensorFlow', state: 'ok', found }, ...measured(answer)];
}

/** @param needed whether nothing but this flavour could train, or it was asked about */
export function gpuChecks(
  { answer, words }: Probed,
  cards: CardReport,
  needed: boolean,
  options: DoctorOptions,
): DoctorCheck[] {
  const name = NAMES.gpu;
  const used = !('problem' in answer) && answer.device === 'gpu';
  const without = needed && !gpuIsOptional(options.env) ? 'fail' : 'warn';
  const card: DoctorCheck =
    used || cards.problem === undefined
      ? { name: 'NVIDIA card', state: 'ok', found: cardText(cards) }
      : { name: 'NVIDIA card', state: without, ...cards.problem };
  if ('problem' in answer) return [card, broken('gpu', answer.problem, options)];
  if (used) {
    const found = `${version(answer)} on ${devicesIn(words).join('; ') || answer.name}`;
    return [card, { name, state: 'ok', found }, ...measured(answer)];
  }
  const reason = cards.problem === undefined ? reasonIn(words) : undefined;
  const fix = cards.problem === undefined ? fixOf(reason, options) : FIX_CARD;
  const found = `${version(answer)} finds no GPU${reason === undefined ? '' : ` (${reason.text})`} and computes on the CPU`;
  return [card, { name, state: without, found, fix }, ...measured(answer)];
}

const FIX_CARD = 'repair the NVIDIA card, or use --backend tensorflow';

function fixOf(reason: Reason | undefined, { places }: DoctorOptions): string {
  return reason?.of === 'driver'
    ? 'restart the machine (or the container); nvidia-smi must list the card'
    : reason?.of === 'card'
      ? 'use --backend tensorflow, or another card'
      : `rm -r ${join(places.tensorflow, 'gpu')} && npx nas setup --backend tensorflow-gpu`;
}

function broken(flavour: Flavour, problem: string, { places }: DoctorOptions): DoctorCheck {
  const fix = `rm -r ${join(places.tensorflow, flavour)} && npx nas setup --backend ${BACKENDS[flavour]}`;
  return { name: NAMES[flavour], state: 'fail', found: problem, fix };
}

const version = ({ versions }: ProbeAnswer): string => `TensorFlow ${versions['tensorflow'] ?? ''}`.trim();

function measured(answer: ProbeAnswer): DoctorCheck[] {
  const where = `on the ${answer.device.toUpperCase()}`;
  const finite = answer.loss !== null && Number.isFinite(answer.loss);
  const step: DoctorCheck = {
    name: 'training',
    state: finite ? 'ok' : 'fail',
    found: finite
      ? `one step of 16 pictures in ${formatMs(answer.stepMs)} ${where}`
      : 'one step gave no finite loss',
  };
  const timed = answer.latency.map((item): DoctorCheck => {
    const name = `latency: ${item.platform}`;
    if ('problem' in item) return { name, state: 'fail', found: item.problem };
    const range = `${formatMs(item.lowMs)} to ${formatMs(item.highMs)}`;
    return {
      name,
      state: 'ok',
      found: `${formatMs(item.medianMs)} ${where} (95 %: ${range}, ${item.runs} runs)`,
    };
  });
  return [step, ...timed];
}

/** The cards that TensorFlow says it made devices of, each once. */
function devicesIn(words: string): readonly string[] {
  const form =
    /Created device \S*GPU:\d+ with (\d+) MB memory.*?name: ([^,\n]+),.*?compute capability: ([\d.]+)/g;
  const lines = [...words.matchAll(form)].map(
    ([, megabytes = '', name = '', capability = '']) =>
      `${name.trim()} (${megabytes} MB for TensorFlow, compute capability ${capability})`,
  );
  return [...new Set(lines)];
}

interface Reason {
  readonly of: 'card' | 'library' | 'driver';
  readonly text: string;
}

/** Why it made none, in TensorFlow's words, the most specific first. */
function reasonIn(words: string): Reason | undefined {
  const forms = [
    { of: 'card', form: /(Ignoring visible gpu device[^\n]*)/ },
    { of: 'library', form: /(Could not load dynamic library '(?!libcuda\.so|libnvidia-ml)[^']+')/ },
    { of: 'library', form: /(Cannot dlopen some GPU libraries)/ },
    { of: 'driver', form: /failed call to cuInit:(?:.*cuInit:)? ([^\n]*)/ },
  ] as const;
  for (const { of, form } of forms) {
    const text = form.exec(words)?.[1]?.trim().slice(0, 200);
    if (text !== undefined) return { of, text };
  }
  return undefined;
}
