import { parentPort, workerData } from 'node:worker_threads';
import { answerTo, type Answered, type Asked } from './answer.js';
import { problemOf, studiesIn } from './studies.js';

/** Entry of the thread that reads studies for the server, one question after the other. */
const studies = studiesIn(workerData as string);

parentPort?.on('message', ({ id, question }: Asked) => {
  parentPort?.postMessage(answered());

  function answered(): Answered {
    try {
      return { id, text: answerTo(studies, question) };
    } catch (error) {
      return { id, problem: problemOf(error) };
    }
  }
});
