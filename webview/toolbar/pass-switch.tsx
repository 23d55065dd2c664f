import { useMemo } from 'preact/hooks';
import { countOf } from '../../src/text/numbers.js';
import { withKey } from '../page-keys.js';
import { namePassOption } from '../state/passes.js';
import { usePage } from '../widgets/context.js';
import { Dropdown } from '../widgets/dropdown.js';

/** Whose text is shown; absent where the audit has one pass. */
export function PassSwitch() {
  const { state, commands } = usePage();
  const passes = state.passes.value;
  const options = useMemo(
    () =>
      (passes?.offers ?? []).map(({ name, completions, warning }) => ({
        value: name,
        text: namePassOption(name, passes),
        title: `${warning ?? 'The finetuned model’s own words.'} ${countOf(completions, 'completion')}.`,
      })),
    [passes],
  );
  if (options.length < 2) return null;
  return (
    <Dropdown
      id="pass"
      label="Pass: whose text is shown"
      title={withKey('Whose text is shown', 'pass')}
      value={state.pass.value}
      options={options}
      onChange={(pass) => void commands.showPass(pass)}
    />
  );
}
