// What changed from one schema to another, and which of it breaks clients.
import { ChangeType, CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';

/** The changes from one schema to another: those that break clients, and all others. */
export async function changes(released, current) {
  const all = await diff(buildSchema(released), buildSchema(current), [lostDefaultsBreak]);
  const breaks = (change) => change.criticality.level === CriticalityLevel.Breaking;
  return { breaking: all.filter(breaks), others: all.filter((change) => !breaks(change)) };
}

/** What lost its default may be required now; the library calls that a changed default. */
function lostDefaultsBreak({ changes }) {
  const lost = ({ type, meta }) =>
    (type === ChangeType.FieldArgumentDefaultChanged ||
      type === ChangeType.InputFieldDefaultValueChanged) &&
    meta.newDefaultValue === undefined;
  const criticality = { level: CriticalityLevel.Breaking };
  return changes.map((change) => (lost(change) ? { ...change, criticality } : change));
}
