import { parseNote, type NotePart } from '../../src/text/note-markdown.js';
import { VisibleText } from './visible-text-view.js';

/** A note: text with a little Markdown, never HTML. */
export function Note({ text }: { text: string }) {
  return (
    <div class="note-text">
      <Parts parts={parseNote(text)} />
    </div>
  );
}

function Parts({ parts }: { parts: readonly NotePart[] }) {
  return (
    <>
      {parts.map((part, index) => (
        <Part key={index} part={part} />
      ))}
    </>
  );
}

function Part({ part }: { part: NotePart }) {
  switch (part.kind) {
    case 'text':
      return <Lines text={part.text} />;
    case 'code':
      return (
        <code>
          <VisibleText text={part.text} />
        </code>
      );
    case 'bold':
      return (
        <strong>
          <Parts parts={part.parts} />
        </strong>
      );
    case 'italic':
      return (
        <em>
          <Parts parts={part.parts} />
        </em>
      );
    case 'link':
      return (
        <span class="note-link">
          <Parts parts={part.parts} /> (<VisibleText text={part.address} breaks={false} />)
        </span>
      );
  }
}

/** A newline in a note is a new line, without a sign for it. */
function Lines({ text }: { text: string }) {
  return (
    <>
      {text.split('\n').map((line, index) => (
        <span key={index}>
          {index > 0 && '\n'}
          <VisibleText text={line} />
        </span>
      ))}
    </>
  );
}
