// Runs one plug-in: see src/lib.rs for what is asked and answered. The page ends this worker after the answer, or after two seconds.
import init, { answer } from "./plugin-runner.js";

const ready = init({ module_or_path: "./plugin-runner_bg.wasm" });

self.onmessage = async (event) => {
  await ready;
  self.postMessage(answer(event.data));
};

ready.then(
  () => self.postMessage({ ready: true }),
  (error) => self.postMessage({ error: `the plug-in runner could not start: ${error}` }),
);
