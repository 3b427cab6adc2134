// The changes from one schema to another, and which of them break clients.
import { ChangeType, CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';

/** The changes from one schema to another: those that break clients, and all others. */
export async function changes(released, current) {
  const all = await diff(buildSchema(released), buildSchema(current), [lostDefaultsBreak]);
  const breaks = (change) => change.criticality.level === CriticalityLevel.Breaking;
  return { breaking: all.filter(breaks), others: all.filter((change) => !breaks(change)) };
}

/** A field without its former default may be required; the library reports a changed default. */
function lostDefaultsBreak({ changes }) {
  const lost = ({ type, meta }) =>
    (type === ChangeType.FieldArgumentDefaultChanged ||
      type === ChangeType.InputFieldDefaultValueChanged) &&
    meta.newDefaultValue === undefined;
  const criticality = { level: CriticalityLevel.Breaking };
  return changes.map((change) => (lost(change) ? { ...change, criticality } : change));
}
