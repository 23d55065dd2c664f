/** The table of amplified text that was put to the finetuned model. */
import { CONFIRMATION_COLUMNS, CONFIRMATION_NOTE, confirmationCells } from '../confirmation-table.js';
import type { ReportContent } from '../report-content.js';
import { html, type Html } from './template.js';

export function tellConfirmations({ confirmations }: Pick<ReportContent, 'confirmations'>): Html {
  return html`<p>${CONFIRMATION_NOTE}</p>
    <table>
      <thead>
        <tr>
          ${CONFIRMATION_COLUMNS.map((column) => html`<th scope="col">${column}</th> `)}
        </tr>
      </thead>
      <tbody>
        ${confirmations.map(
          (one) =>
            html`<tr>
              ${confirmationCells(one).map((cell) => html`<td>${cell}</td> `)}
            </tr> `,
        )}
      </tbody>
    </table> `;
}
