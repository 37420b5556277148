// Runs one plug-in: src/main.rs of the runner says what is asked and answered. The page ends this worker after the answer, or when it is late.
import init, { answer } from "./plugin-runner.js";

const say = (message) => self.postMessage(message);
const ready = init({ module_or_path: "./plugin-runner_bg.wasm" });

self.onmessage = async ({ data }) => {
  await ready;
  await answer(data, say);
};

ready.then(
  () => say({ ready: true }),
  (error) => say({ error: { code: "runner", message: `the plug-in runner could not start: ${error}`, help: "load the page again" } }),
);
