// Sends emails: to an SMTP server, or into a folder as .eml files where none is configured.
// An email bears the same Message-ID at every try, so that a second copy can be told and dropped.
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { applicationState } from '../application-state.ts';

/** One email. */
export interface Mail {
  /** Names the email and its file. */
  readonly id: string;
  readonly to: { readonly name: string; readonly address: string };
  readonly subject: string;
  readonly text: string;
}

/** Sends a mail; rejects when nobody took it. */
export type Mailer = (mail: Mail) => Promise<void>;

/** Variables that a service with mail declares in its manifest. */
export interface MailConfig {
  readonly SMTP_URL: string;
  readonly MAIL_FOLDER: string;
  readonly MAIL_FROM: string;
}

function messageOf({ id, ...mail }: Mail, config: MailConfig) {
  return { ...mail, from: config.MAIL_FROM, messageId: `<${id}@fairlead.example>`, disableFileAccess: true };
}

function smtpMailer(config: MailConfig): Mailer {
  const transport = createTransport(config.SMTP_URL, { pool: true } as object);
  return async (mail) => {
    await transport.sendMail(messageOf(mail, config));
  };
}

function folderMailer(config: MailConfig): Mailer {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
  return async (mail) => {
    const { message } = await transport.sendMail(messageOf(mail, config));
    await mkdir(config.MAIL_FOLDER, { recursive: true });
    const file = join(config.MAIL_FOLDER, `${mail.id}.eml`);
    // Whoever watches the folder never sees half an email.
    await writeFile(`${file}.part`, message as Buffer);
    await rename(`${file}.part`, file);
  };
}

/** The mailer of a running service. */
export const mailerOf = applicationState(({ config }: { readonly config: MailConfig }) =>
  config.SMTP_URL === '' ? folderMailer(config) : smtpMailer(config),
);
