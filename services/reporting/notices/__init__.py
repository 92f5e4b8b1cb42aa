"""Notices to people where they talk: WeCom, DingTalk, Feishu, mail, by Apprise. None of it holds up any business."""
