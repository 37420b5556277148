// Images need a fixed version: `redis` and `redis:latest` are another image next week.

import { finding, plugin, rule } from './plimsoll.js';

const LATEST_TAG = 'latest-tag';

// What a user may set. Plimsoll refuses anything else before the plug-in is asked.
const settingsSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  additionalProperties: false,
  properties: {
    ignore: {
      description: 'Full names of images that are left alone, such as docker.io/library/redis',
      type: 'array',
      items: { type: 'string', minLength: 1 },
      default: [],
    },
  },
};

export const rules = plugin({
  name: '{{name}}',
  version: '0.1.0',
  description: 'Images need a fixed version',
  license: 'MIT',
  rules: [
    rule(
      LATEST_TAG,
      'Image has no fixed version',
      'medium',
      'Without a version the same file starts another program after the next pull.',
      { help: 'Write the version that runs today.', kinds: ['compose'], tags: ['supply-chain'] },
    ),
  ],
  settingsSchema,

  check(project, { ignore = [] }) {
    const found = [];
    for (const service of project.services()) {
      for (const image of service.targets('runs')) {
        // Without a place there is nothing to show; without a name a variable has no value.
        const name = image.property('repository');
        if (image.origin === undefined || name === undefined || ignore.includes(name)) continue;
        const fixed = image.property('digest') !== undefined || (image.property('tag') ?? 'latest') !== 'latest';
        if (!fixed) {
          found.push(finding(LATEST_TAG, image.origin, `\`${image.name}\` has no fixed version`, { on: service }));
        }
      }
    }
    return found;
  },
});
