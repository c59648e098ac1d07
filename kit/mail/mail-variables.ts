// Variables of a service that sends emails, for its manifest: `config: { ...mailVariables }`.
import { variable } from '../config/variable.ts';

/** To whom emails are handed over, and in whose name. */
export const mailVariables = {
  SMTP_URL: variable.string({
    description: 'Server that takes emails; empty: they are written to MAIL_FOLDER instead.',
    example: 'smtps://user:password@mail.example.com:465',
    default: '',
    secret: true,
  }),
  MAIL_FOLDER: variable.string({
    description: 'Folder into which emails are written as .eml files while SMTP_URL is empty.',
    example: '/tmp/fairlead-mail',
    default: '/tmp/fairlead-mail',
  }),
  MAIL_FROM: variable.string({
    description: 'Sender of emails.',
    example: 'Fairlead <orders@fairlead.example>',
    default: 'Fairlead <orders@fairlead.example>',
  }),
};
