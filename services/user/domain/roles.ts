// Who has which role. Everybody is a customer; the rest is said by configuration, email by email.
// Roles are not stored: what the configuration no longer says ends with the next access token.

/** Emails by role, as the configuration has them: separated by commas. */
export interface RoleEmails {
  readonly USER_ADMIN_EMAILS: string;
  readonly USER_SUPPORT_EMAILS: string;
  readonly USER_PARTNER_EMAILS: string;
}

function lists(emails: string, email: string): boolean {
  return emails.split(',').some((entry) => entry.trim().toLowerCase() === email);
}

/** Roles of the account with this email (in lower case). */
export function rolesOf(email: string, config: RoleEmails): string[] {
  const roles = ['customer'];
  if (lists(config.USER_PARTNER_EMAILS, email)) roles.push('partner');
  if (lists(config.USER_SUPPORT_EMAILS, email)) roles.push('support');
  if (lists(config.USER_ADMIN_EMAILS, email)) roles.push('admin');
  return roles;
}
