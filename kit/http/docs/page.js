// The documentation page: reads /openapi.json and writes one box for each operation, with a form that tries it.
// Texts are only ever set as text, never as markup, so nothing in a contract's comment can become part of the page.

const spec = await (await fetch('/openapi.json')).json();
const $ = (id) => document.getElementById(id);
$('title').textContent = document.title = spec.info.title;
$('description').textContent = spec.info.description;

/** An element with attributes and children. */
function el(name, attributes = {}, ...children) {
  const element = Object.assign(document.createElement(name), attributes);
  element.append(...children.filter((child) => child !== undefined && child !== ''));
  return element;
}

const resolve = (schema) =>
  schema?.$ref === undefined
    ? (schema ?? {})
    : { ...spec.components.schemas[schema.$ref.split('/').at(-1)], ...schema };

/** A type and its bounds in words. */
function rule(schema) {
  const s = resolve(schema);
  const type = [s.type].flat().join(' or ') + (s.format ? ` (${s.format})` : '');
  const bounds = [
    s.enum && `one of ${s.enum.join(', ')}`,
    s.minLength !== undefined && `at least ${s.minLength} characters`,
    s.maxLength !== undefined && `at most ${s.maxLength} characters`,
    s.minimum !== undefined && `from ${s.minimum}`,
    s.exclusiveMinimum !== undefined && `above ${s.exclusiveMinimum}`,
    s.maximum !== undefined && `to ${s.maximum}`,
    s.minItems !== undefined && `at least ${s.minItems} items`,
    s.maxItems !== undefined && `at most ${s.maxItems} items`,
    s.pattern && `like ${s.pattern}`,
  ].filter(Boolean);
  return [s.type === 'array' ? `list of ${[resolve(s.items).type].flat().join(' or ')}` : type, ...bounds].join(', ');
}

function fields(schema, depth = 0) {
  const s = resolve(schema);
  const item = s.type === 'array' ? resolve(s.items) : s;
  const list = el('dl');
  for (const [name, field] of Object.entries(item.properties ?? {})) {
    const needed = item.required?.includes(name) ? ' *' : '';
    list.append(
      el('dt', {}, name + needed),
      el('dd', {}, el('span', { className: 'rule' }, rule(field)), ' ', resolve(field).description ?? ''),
    );
    if (depth < 3) list.append(...(fields(field, depth + 1).children.length > 0 ? [fields(field, depth + 1)] : []));
  }
  return list;
}

/** An example body with the required fields. */
function example(schema, depth = 0) {
  const s = resolve(schema);
  if (s.enum) return s.enum[1] ?? s.enum[0];
  if (s.type === 'array') return depth > 3 ? [] : [example(s.items, depth + 1)];
  if (s.type === 'object') {
    const wanted = Object.entries(s.properties ?? {}).filter(
      ([name]) => depth > 0 || !s.required || s.required.includes(name),
    );
    return depth > 3 ? {} : Object.fromEntries(wanted.map(([name, field]) => [name, example(field, depth + 1)]));
  }
  if (s.type === 'boolean') return false;
  return [s.type].flat().includes('integer') || s.type === 'number' ? (s.minimum ?? 0) : '';
}

function tryForm(method, path, operation) {
  const form = el('form');
  const inputs = (operation.parameters ?? []).map((parameter) => {
    const input = el('input', { name: parameter.name, required: parameter.required === true });
    form.append(el('label', {}, `${parameter.name} (${parameter.in})`, input));
    return { parameter, input };
  });
  const schema = operation.requestBody?.content['application/json'].schema;
  const body = schema && el('textarea', { value: JSON.stringify(example(schema), null, 2), spellcheck: false });
  const output = el('pre', { hidden: true });
  form.append(...(body ? [body] : []), el('button', {}, 'Try it'), output);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const query = new URLSearchParams();
    let target = path;
    for (const { parameter, input } of inputs) {
      if (parameter.in === 'path') target = target.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
      else if (input.value !== '') query.append(parameter.name, input.value);
    }
    const headers = { ...(body ? { 'content-type': 'application/json' } : {}) };
    if ($('token').value !== '') headers.authorization = `Bearer ${$('token').value}`;
    output.hidden = false;
    output.textContent = '…';
    try {
      const url = query.size > 0 ? `${target}?${query}` : target;
      const response = await fetch(url, {
        method: method.toUpperCase(),
        headers,
        ...(body ? { body: body.value } : {}),
      });
      output.textContent = `${response.status}\n`;
      const reader = response.body.pipeThrough(new TextDecoderStream());
      for await (const chunk of reader) output.textContent += chunk;
      const [status, ...rest] = output.textContent.split('\n');
      output.textContent = `${status}\n${JSON.stringify(JSON.parse(rest.join('\n')), null, 2)}`;
    } catch (error) {
      if (!(error instanceof SyntaxError)) output.textContent = String(error);
    }
  });
  return form;
}

function box(method, path, operation) {
  const summary = el(
    'summary',
    {},
    el('b', {}, method.toUpperCase()),
    el('code', {}, path),
    ' ',
    el('span', {}, operation.summary ?? ''),
  );
  const details = el('details', {}, summary);
  // The inside is made when it is opened: the page stays light with many operations.
  details.addEventListener(
    'toggle',
    () => {
      details.append(el('p', {}, operation.description ?? ''));
      const schema = operation.requestBody?.content['application/json'].schema;
      if (schema) details.append(el('h4', {}, 'Body'), fields(schema));
      const answer = Object.values(operation.responses[200].content)[0].schema;
      details.append(el('h4', {}, 'Answer'), fields(answer), tryForm(method, path, operation));
    },
    { once: true },
  );
  details.dataset.text = `${method} ${path} ${operation.summary ?? ''}`.toLowerCase();
  return details;
}

const groups = new Map();
for (const [path, item] of Object.entries(spec.paths)) {
  for (const [method, operation] of Object.entries(item)) {
    const tag = operation.tags?.[0] ?? 'other';
    if (!groups.has(tag)) groups.set(tag, el('section', {}, el('h2', {}, tag)));
    groups.get(tag).append(box(method, path, operation));
  }
}
$('operations').replaceChildren(...groups.values());
$('filter').addEventListener('input', ({ target }) => {
  for (const details of document.querySelectorAll('details')) {
    details.hidden = !details.dataset.text.includes(target.value.toLowerCase());
  }
});
