// The commerce story through the ingress gateway, told by the code that tells it on a laptop.
import { commerceStory } from '../../story/commerce-story.ts';
import type { Check } from '../stage.ts';

export default {
  number: 2,
  name: 'the commerce story through the ingress gateway',
  short: true,
  run: ({ api, tell }) => commerceStory(api, tell),
} satisfies Check;
