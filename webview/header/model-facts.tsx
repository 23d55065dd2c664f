import { isIdentified, type NamedModel } from '../../src/audit/imported.js';
import type { AdapterIdentity, ModelIdentity } from '../../src/audit/language-model.js';
import { visibleLine } from '../../src/text/visible-text.js';
import { factsOf } from './facts-of-model.js';

/** What a model is, as another person needs it to repeat the audit: to be read, and copied from. */
export function ModelFacts({ role, model }: { role: string; model: ModelIdentity | NamedModel | null }) {
  return (
    <section class="model-facts">
      <h3>{role}</h3>
      {model ? (
        <dl>
          {factsOf(model).map(([name, value, isCode]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd class={isCode ? 'code' : ''}>{visibleLine(value)}</dd>
            </div>
          ))}
          {(isIdentified(model) ? model.adapters : []).map((adapter) => (
            <Adapter key={adapter.sha256} adapter={adapter} />
          ))}
        </dl>
      ) : (
        <p class="dim">Known once the models are loaded.</p>
      )}
    </section>
  );
}

function Adapter({ adapter: { source, sha256, scale, rank, alpha } }: { adapter: AdapterIdentity }) {
  const numbers = [`scale ${scale}`, ...(rank === undefined ? [] : [`rank ${rank}`]), ...(alpha === undefined ? [] : [`alpha ${alpha}`])];
  return (
    <div>
      <dt>Adapter</dt>
      <dd>
        <span class="code">{visibleLine(source)}</span> <span class="dim">({numbers.join(', ')})</span>
        <br />
        SHA-256 <span class="code">{sha256}</span>
      </dd>
    </div>
  );
}
