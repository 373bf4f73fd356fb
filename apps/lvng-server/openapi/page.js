// Shows the OpenAPI document of the server that this page came from, and tries its calls. Markup is
// made element by element, never out of strings: the page's policy forbids that.
'use strict';

const base = new URL('.', location.href);  // a proxy may have put the server below a path
const methods = ['get', 'post', 'put', 'patch', 'delete'];
let openapi;

// ---- elements -----------------------------------------------------------------------------------

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value !== undefined && value !== false) made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.flat().filter((child) => child !== undefined && child !== ''));
  return made;
}

// `code` and **strong** of the document's descriptions.
function inline(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (part.startsWith('`')) return element('code', {}, part.slice(1, -1));
    if (part.startsWith('**')) return element('strong', {}, part.slice(2, -2));
    return part;
  });
}

function paragraphs(text) {
  return (text ?? '').split('\n\n').filter(Boolean).map((part) => element('p', {}, inline(part)));
}

// ---- the document -------------------------------------------------------------------------------

// What an object stands for, and the name under which the document has it.
function resolve(object) {
  let name;
  while (object?.$ref) {
    name = object.$ref.split('/').pop();
    object = object.$ref.slice(2).split('/')
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce((at, key) => at[key], openapi);
  }
  return { name, value: object };
}

function operations() {
  return Object.entries(openapi.paths).flatMap(([path, item]) => methods
    .filter((method) => item[method])
    .map((method) => ({
      path, method, ...item[method],
      parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])]
        .map((parameter) => resolve(parameter).value),
    })));
}

function needsToken(operation) {
  return (operation.security ?? openapi.security ?? []).length > 0;
}

function exampleOf(media) {
  if (media.example !== undefined) return media.example;
  const first = Object.values(media.examples ?? {})[0];
  return first === undefined ? undefined : resolve(first).value.value;
}

// ---- schemas ------------------------------------------------------------------------------------

const limits = {
  minLength: 'at least', maxLength: 'at most', minimum: 'from', maximum: 'to', minItems: 'at least',
  maxItems: 'at most', 'x-maxBytes': 'bytes at most', pattern: 'pattern', default: 'default',
};

// One line: kind, words and limits.
function outline(schema) {
  const { name, value } = resolve(schema);
  const choices = value.anyOf ?? value.oneOf;
  if (choices?.every((choice) => resolve(choice).value.const !== undefined)) {
    return choices.map((choice) => JSON.stringify(resolve(choice).value.const)).join(', ');
  }
  const parts = [];
  if (choices) parts.push(choices.map((choice) => outline(choice)).join(', or '));
  if (value.type) parts.push([value.type].flat().join(' or '));
  if (value.const !== undefined) parts.push(JSON.stringify(value.const));
  if (value.enum) parts.push('one of ' + value.enum.map((word) => JSON.stringify(word)).join(', '));
  if (value.format) parts.push(value.format);
  for (const [key, word] of Object.entries(limits)) {
    if (value[key] !== undefined) parts.push(word + ' ' + JSON.stringify(value[key]));
  }
  if (value.type === 'array' && value.items) parts.push('of: ' + outline(value.items));
  return (name ? name + ': ' : '') + parts.join(', ');
}

// The schemas below it whose members are worth a list.
function partSchemas(schema) {
  const { value } = resolve(schema);
  return [value.items, ...(value.allOf ?? []), ...(value.anyOf ?? []), ...(value.oneOf ?? [])]
    .filter(Boolean);
}

// Members, nested; `above` holds the names that are being shown, as a schema may hold itself.
function members(schema, above = []) {
  const { name, value } = resolve(schema);
  if (name && above.includes(name)) return [];
  const within = name ? [...above, name] : above;
  const own = Object.entries(value.properties ?? {}).map(([key, member]) => {
    const required = value.required?.includes(key);
    return element('li', {},
      element('code', {}, key), required ? element('strong', {}, ' required') : '',
      element('span', { class: 'soft' }, ' ' + outline(member)),
      resolve(member).value.description ? [' ', ...inline(resolve(member).value.description)] : [],
      members(member, within));
  });
  const below = partSchemas(schema).flatMap((part) => members(part, within));
  return own.length ? [element('ul', { class: 'schema' }, own), ...below] : below;
}

function mediaBlock(content) {
  return Object.entries(content ?? {}).flatMap(([type, media]) => {
    const example = exampleOf(media);
    return [
      element('p', {}, element('code', {}, type), ' ',
        element('span', { class: 'soft' }, media.schema ? outline(media.schema) : '')),
      ...(media.schema ? members(media.schema) : []),
      ...(example === undefined ? [] : [element('pre', { tabindex: 0 }, pretty(example))]),
    ];
  });
}

function pretty(value) {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

// ---- one operation ------------------------------------------------------------------------------

function parameterTable(operation) {
  if (operation.parameters.length === 0) return [];
  const head = ['Name', 'In', 'Is', 'Means'].map((text) => element('th', { scope: 'col' }, text));
  const rows = operation.parameters.map((parameter) => element('tr', {},
    element('td', {}, element('code', {}, parameter.name),
      parameter.required ? element('strong', {}, ' required') : ''),
    element('td', {}, parameter.in),
    element('td', { class: 'soft' }, outline(parameter.schema)),
    element('td', {}, inline(parameter.description ?? ''))));
  return [element('h3', {}, 'Parameters'),
    element('table', {}, element('thead', {}, element('tr', {}, head)),
      element('tbody', {}, rows))];
}

function responseList(operation) {
  return [element('h3', {}, 'Answers'),
    ...Object.entries(operation.responses).map(([status, reference]) => {
      const response = resolve(reference).value;
      return element('details', {},
        element('summary', {}, element('strong', {}, status), ' ', inline(response.description)),
        mediaBlock(response.content));
    })];
}

function field(id, label, control) {
  control.id = id;
  return element('div', { class: 'field' }, element('label', { for: id }, label), control);
}

function tryForm(operation) {
  const controls = operation.parameters.map((parameter) => ({
    parameter,
    control: element('input', {
      type: 'text', autocomplete: 'off', spellcheck: 'false', required: parameter.required,
      placeholder: parameter.example === undefined ? undefined : String(parameter.example),
      'data-parameter': parameter.name,
    }),
  }));
  const media = resolve(operation.requestBody).value?.content?.['application/json'];
  const body = media && element('textarea', { spellcheck: 'false', 'data-body': true },
    pretty(exampleOf(media) ?? {}));
  const id = (name) => `${operation.operationId}-${name}`;
  const answer = element('div', { class: 'answer', role: 'status' });
  const form = element('form', { 'data-try': operation.operationId },
    element('h3', {}, 'Try it'),
    controls.map(({ parameter, control }) =>
      field(id(parameter.name), `${parameter.name} (${parameter.in})`, control)),
    body ? field(id('body'), 'Body', body) : '',
    element('button', { type: 'submit' }, 'Send'),
    answer);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    answer.replaceChildren('Sending');
    answer.replaceChildren(...await send(operation, controls, body?.value));
  });
  return form;
}

// Address and headers that the form describes. Throws for what no header can hold.
function requestOf(operation, controls, body) {
  let path = operation.path;
  const query = new URLSearchParams();
  const headers = new Headers();
  const token = document.getElementById('token').value.trim();
  if (token) headers.set('Authorization', `Bearer ${token}`);
  if (body !== undefined) headers.set('Content-Type', 'application/json');
  for (const { parameter, control } of controls) {
    const value = control.value;
    if (value === '') continue;
    if (parameter.in === 'path') {
      path = path.replace(`{${parameter.name}}`, encodeURIComponent(value));
    } else if (parameter.in === 'query') {
      query.set(parameter.name, value);
    } else {
      headers.set(parameter.name, value);
    }
  }
  const text = query.toString();  // older browsers know no query.size
  return { url: new URL(path.slice(1) + (text && `?${text}`), base), headers };
}

async function send(operation, controls, body) {
  try {
    const { url, headers } = requestOf(operation, controls, body);
    const begun = performance.now();
    const response = await fetch(url, {
      method: operation.method.toUpperCase(), headers, body, credentials: 'omit',
      redirect: 'error',
    });
    const text = await response.text();
    const took = Math.round(performance.now() - begun);
    return [
      element('p', {}, element('strong', { 'data-status': response.status },
        `${response.status} ${response.statusText}`), ` in ${took} ms, ${url.pathname}${url.search}`),
      element('pre', { tabindex: 0, 'aria-label': 'Headers of the answer' },
        [...response.headers].map(([name, value]) => `${name}: ${value}\n`).join('')),
      element('pre', { tabindex: 0, 'aria-label': 'Body of the answer', 'data-answer': true },
        indented(text)),
    ];
  } catch (error) {
    return [element('p', { 'data-status': 'none' }, `No answer: ${error.message}`)];
  }
}

function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;  // no JSON: as it came
  }
}

function operationBlock(operation) {
  const inside = element('div', {});
  const block = element('details', { class: 'operation', id: operation.operationId },
    element('summary', {},
      element('span', { class: 'method', 'data-method': operation.method },
        operation.method.toUpperCase()),
      element('code', {}, operation.path), operation.summary ?? ''),
    inside);
  // Made when it is first opened: all of them at once are thousands of elements.
  block.addEventListener('toggle', () => {
    if (!block.open || inside.hasChildNodes()) return;
    const request = resolve(operation.requestBody).value;
    inside.append(...[
      paragraphs(operation.description),
      needsToken(operation) ? element('p', { class: 'soft' }, 'Needs a bearer token.') : [],
      parameterTable(operation),
      request ? [element('h3', {}, 'Body'), ...mediaBlock(request.content)] : [],
      tryForm(operation),
      responseList(operation),
    ].flat());
  });
  return block;
}

// ---- the page -----------------------------------------------------------------------------------

function openAddressed() {
  const addressed = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!addressed?.classList.contains('operation')) return;
  addressed.open = true;
  addressed.querySelector('summary').focus({ preventScroll: true });
}

function filterIndex(text) {
  const wanted = text.toLowerCase();
  for (const item of document.querySelectorAll('#index li')) {
    item.hidden = !item.dataset.text.includes(wanted);
  }
}

function show() {
  document.getElementById('title').textContent = `${openapi.info.title} ${openapi.info.version}`;
  document.getElementById('about').append(...paragraphs(openapi.info.description));
  const main = document.getElementById('operations');
  const index = document.getElementById('index');
  for (const tag of openapi.tags) {
    const tagged = operations().filter((operation) => operation.tags.includes(tag.name));
    main.append(element('section', {}, element('h2', {}, tag.name), paragraphs(tag.description),
      tagged.map(operationBlock)));
    index.append(element('h2', {}, tag.name), element('ul', {}, tagged.map((operation) =>
      element('li', {
        'data-text': [operation.method, operation.path, operation.summary].join(' ').toLowerCase(),
      }, element('a', { href: `#${operation.operationId}` }, operation.summary)))));
  }
}

async function start() {
  const notice = document.getElementById('notice');
  try {
    const response = await fetch(new URL('openapi.json', base), { credentials: 'omit' });
    if (!response.ok) throw new Error(`status ${response.status}`);
    openapi = await response.json();
    show();
    notice.remove();
  } catch (error) {
    notice.textContent = `The document could not be shown: ${error.message}`;
  }
  document.getElementById('operations').removeAttribute('aria-busy');
  openAddressed();
}

document.getElementById('access').addEventListener('submit', (event) => event.preventDefault());
document.getElementById('filter').addEventListener('input', (event) =>
  filterIndex(event.target.value));
addEventListener('hashchange', openAddressed);
start();
