// JSON Schemas of messages in the protobuf JSON mapping, each under its full name in `components/schemas`.
// Only messages that a path leads to are written.
import protobuf from 'protobufjs';
import { jsonName } from '../../contract/json/message-json.ts';
import { plainOption } from '../../contract/options.ts';
import { fieldRules, isRequired, itemRules, listConstraints, type Schema, valueConstraints } from './constraints.ts';

const integers = /^(s?int32|uint32|s?fixed32)$/;
const longs = /^(s?int64|uint64|s?fixed64)$/;

/** `google.protobuf` messages whose JSON is not an object. */
const wellKnown: Readonly<Record<string, Schema>> = {
  Timestamp: { type: 'string', format: 'date-time' },
  Duration: { type: 'string', pattern: '^-?[0-9]+(\\.[0-9]{1,9})?s$', examples: ['1.5s'] },
  FieldMask: { type: 'string', description: 'Names of fields, joined by commas.', examples: ['displayName,locale'] },
  Empty: { type: 'object' },
};

/** Text of a comment as a description. */
export function description(object: protobuf.ReflectionObject): { readonly description?: string } {
  const text = object.comment?.trim().replace(/\s*\n\s*/g, ' ');
  return text === undefined || text === '' ? {} : { description: text };
}

/** Writes schemas, and remembers which messages they refer to. */
export class Schemas {
  readonly #schemas = new Map<string, Schema>();

  /** All schemas that were referred to, by name. */
  all(): Readonly<Record<string, Schema>> {
    return Object.fromEntries([...this.#schemas].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** A reference to a message's schema; of a `google.protobuf` message its schema itself. */
  message(type: protobuf.Type): Schema {
    const known = type.fullName.startsWith('.google.protobuf.') ? wellKnown[type.name] : undefined;
    if (known !== undefined) return known;
    const name = type.fullName.slice(1);
    if (!this.#schemas.has(name)) {
      this.#schemas.set(name, {});
      this.#schemas.set(name, this.#object(type));
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  /** Schema of a field with its rules and its comment. */
  field(field: protobuf.Field): Schema {
    field.resolve();
    const rules = fieldRules(field);
    const about = description(field);
    if (field instanceof protobuf.MapField) {
      return { type: 'object', additionalProperties: this.#value(field, undefined), ...about };
    }
    if (!field.repeated) return withSiblings(this.#value(field, valueConstraints(rules)), about);
    const items = this.#value(field, valueConstraints(itemRules(rules)));
    return { type: 'array', items, ...listConstraints(rules), ...about };
  }

  #object(type: protobuf.Type): Schema {
    const properties: Record<string, Schema> = {};
    const required: string[] = [];
    for (const field of type.fieldsArray) {
      properties[jsonName(field)] = this.field(field);
      if (isRequired(fieldRules(field))) required.push(jsonName(field));
    }
    return {
      type: 'object',
      ...description(type),
      properties,
      ...(required.length > 0 ? { required } : {}),
      additionalProperties: false,
    };
  }

  #value(field: protobuf.Field, constraints: Schema = {}): Schema {
    const { resolvedType, type } = field;
    if (resolvedType instanceof protobuf.Type) return this.message(resolvedType);
    if (resolvedType instanceof protobuf.Enum) return this.#enum(resolvedType);
    if (type === 'string') {
      const secret = plainOption(field, 'debug_redact') === true;
      return { type: 'string', ...(secret ? { format: 'password' } : {}), ...constraints };
    }
    if (type === 'bool') return { type: 'boolean', ...constraints };
    if (type === 'bytes') return { type: 'string', contentEncoding: 'base64', ...constraints };
    if (integers.test(type)) return { type: 'integer', format: 'int32', ...constraints };
    // 64-bit integers are written as text; bounds apply where they come as numbers.
    if (longs.test(type)) return { type: ['string', 'integer'], format: 'int64', ...constraints };
    return { type: 'number', format: type, ...constraints };
  }

  #enum(type: protobuf.Enum): Schema {
    const name = type.fullName.slice(1);
    if (!this.#schemas.has(name)) {
      this.#schemas.set(name, { type: 'string', ...description(type), enum: Object.keys(type.values) });
    }
    return { $ref: `#/components/schemas/${name}` };
  }
}

/** In a JSON Schema of this draft a reference may have siblings. */
function withSiblings(schema: Schema, about: Schema): Schema {
  return { ...schema, ...about };
}
