import { finding, matchAt, type Rule } from './rule.ts'

const WEBHOOKS: readonly { trigger: string; rest: RegExp }[] = [
  { trigger: 'hooks.slack.com/', rest: /(?:services|workflows|triggers)\/[A-Za-z0-9/_-]{20,128}/y },
  { trigger: 'discord.com/api/webhooks/', rest: /\d{10,24}\/[A-Za-z0-9_-]{40,100}/y },
  { trigger: 'discordapp.com/api/webhooks/', rest: /\d{10,24}\/[A-Za-z0-9_-]{40,100}/y },
  { trigger: 'open.feishu.cn/open-apis/bot/v2/hook/', rest: /[0-9a-f-]{36}/y },
  { trigger: 'open.larksuite.com/open-apis/bot/v2/hook/', rest: /[0-9a-f-]{36}/y },
  { trigger: 'qyapi.weixin.qq.com/cgi-bin/webhook/send?key=', rest: /[0-9a-f-]{36}/y },
  { trigger: 'hooks.zapier.com/hooks/catch/', rest: /\d{5,12}\/[A-Za-z0-9]{5,16}\/?/y },
  { trigger: 'maker.ifttt.com/', rest: /(?:use|trigger\/[\w-]{1,64}(?:\/json)?\/with\/key)\/[\w-]{20,64}/y },
  { trigger: 'infura.io/', rest: /(?:ws\/)?v3\/[0-9a-f]{32}/y },
  { trigger: 'alchemy.com/v2/', rest: /[\w-]{32}(?![\w-])/y },
  // Mattermost, on any host.
  { trigger: '/hooks/', rest: /(?=[a-z]{0,25}\d)[a-z0-9]{26}(?![\w-])/y },
  { trigger: 'outlook.office.com/webhook/', rest: /[A-Za-z0-9@/_-]{40,300}/y },
  { trigger: 'webhook.office.com/webhookb2/', rest: /[A-Za-z0-9@/_-]{40,300}/y },
]

/** Addresses that are themselves the permission to post or to ask. */
export const webhookRules: readonly Rule[] = WEBHOOKS.map(({ trigger, rest }) => ({
  triggers: [trigger],
  find(text, start, end) {
    const match = matchAt(rest, text, end)
    if (match === undefined) return undefined
    const host = /(?:https?:\/\/)?[\w.-]{0,64}$/.exec(text.slice(Math.max(0, start - 72), start))?.[0] ?? ''
    return finding('token', 'secret_token', start - host.length, end + match[0].length)
  },
}))
