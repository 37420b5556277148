// Services that run for long have a health check and are started again when they end.
//
// An orchestrator can only replace what it knows to be broken, and a machine that restarts overnight brings back only what has a
// restart policy. Jobs that end by themselves are another matter: a label marks them, or a setting names them.

import { finding, fix, plugin, rule } from './plimsoll.js';

const NO_HEALTH_CHECK = 'no-health-check';
const NO_RESTART = 'no-restart-policy';

const settingsSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  additionalProperties: false,
  properties: {
    contexts: {
      description: 'Deployments that are looked at, by what Plimsoll takes them for',
      type: 'array',
      items: { enum: ['production', 'staging', 'unknown', 'ci', 'development'] },
      default: ['production', 'staging', 'unknown'],
    },
    restart: {
      description: 'Restart policies that are allowed; the first is what a fix writes',
      type: 'array',
      minItems: 1,
      items: { enum: ['always', 'unless-stopped', 'on-failure'] },
      default: ['unless-stopped', 'always', 'on-failure'],
    },
    'health-check': {
      description: 'Whether services need a health check',
      type: 'boolean',
      default: true,
    },
    jobs: {
      description: 'Names of services that end by themselves; `*` stands for any letters',
      type: 'array',
      items: { type: 'string', minLength: 1 },
      default: [],
    },
    'job-label': {
      description: 'A label that marks services which end by themselves',
      type: 'string',
      minLength: 1,
    },
  },
};

export const rules = plugin({
  name: 'service-lifecycle',
  version: '0.1.0',
  description: 'Services in production have a health check and a restart policy',
  license: 'MIT OR Apache-2.0',
  rules: [
    rule(
      NO_HEALTH_CHECK,
      'Service has no health check',
      'medium',
      'A process that hangs still runs: without a check nobody notices, and what waits for it to be healthy waits for nothing.',
      { help: 'Give it a `healthcheck`, or its image a HEALTHCHECK.', kinds: ['compose', 'dockerfile'], tags: ['operations'] },
    ),
    rule(
      NO_RESTART,
      'Service is not started again',
      'medium',
      'When the process ends or the machine restarts, the service stays away until a person starts it.',
      { help: 'Write a restart policy; mark jobs that end by themselves.', kinds: ['compose'], tags: ['operations'] },
    ),
  ],
  settingsSchema,

  check(project, settings) {
    const contexts = settings.contexts ?? settingsSchema.properties.contexts.default;
    const restart = settings.restart ?? settingsSchema.properties.restart.default;
    const found = [];
    for (const service of project.services()) {
      if (service.origin === undefined || !contexts.includes(service.property('context')) || isJob(service, settings)) {
        continue;
      }
      if (settings['health-check'] ?? true) found.push(...health(service));
      found.push(...restarts(project, service, restart));
    }
    return found;
  },
});

function isJob(service, { jobs = [], 'job-label': label }) {
  const named = jobs.some((pattern) => matches(pattern, service.name));
  return named || service.properties('label').some(({ value }) => label !== undefined && value.split('=')[0] === label);
}

/** What is said of its health check: the image's own counts, and one that may exist is no finding. */
function health(service) {
  const at = service.originOf('health-check');
  switch (service.property('health-check')) {
    case 'none':
      return [finding(NO_HEALTH_CHECK, service.origin, `\`${service.name}\` has no health check`, { on: service })];
    case 'disabled':
      return [
        finding(NO_HEALTH_CHECK, at ?? service.origin, `the health check of \`${service.name}\` is switched off`, { on: service }),
      ];
    default:
      return [];
  }
}

function restarts(project, service, allowed) {
  const written = service.property('restart');
  // A variable without a value: nothing can be said of it.
  if (written?.includes('$')) return [];
  // `on-failure:5` allows five tries.
  if (written !== undefined && allowed.includes(written.split(':')[0])) return [];
  const at = service.originOf('restart');
  if (at === undefined) {
    const message = `\`${service.name}\` has no restart policy`;
    return [finding(NO_RESTART, service.origin, message, { on: service, fixes: [insertion(project, service, allowed[0])] })];
  }
  const value = project.find(at, written);
  return [
    finding(NO_RESTART, at, `the restart policy of \`${service.name}\` is \`${written}\`, which is not one of ${allowed.join(', ')}`, {
      on: service,
      fixes: [value && fix(`Restart it: ${allowed[0]}`, [value, allowed[0]])],
    }),
  ];
}

/** A line before the service's first one, indented as that is; only in block style. */
function insertion(project, service, policy) {
  const { document: index, span } = service.origin;
  const document = project.documents()[index];
  const first = document?.nodes().find((node) => node.kind === 'pair' && node.location.span.start === span.start)?.pairs()[0];
  if (first === undefined) return undefined;
  const start = first.location.span.start;
  const before = document.slice({ start: 0, end: start });
  const indent = before.slice(before.lastIndexOf('\n') + 1);
  if (indent.trim() !== '') return undefined;
  const end = before.endsWith(`\r\n${indent}`) ? '\r\n' : '\n';
  const place = document.location({ start, end: start });
  return fix(`Restart it: ${policy}`, [place, `restart: ${policy}${end}${indent}`]);
}

/** Whether a pattern with `*` matches a whole name. */
function matches(pattern, name) {
  const escaped = pattern.replace(/[\\^$.+?()[\]{}|]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`).test(name);
}
