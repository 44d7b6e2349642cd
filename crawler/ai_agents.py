"""Whom publishers name when they keep their pages from AI and text mining: product tokens in robots.txt. Data.

Agents that gather text for models, datasets or answers made from it, from their operators' own pages and from the
files of news sites; a search engine's or a link preview's usual crawler is none of them. A token that holds a
digit is matched with the first word of a line, since RFC 9309 section 2.2.1 knows letters, `-` and `_` alone.
"""

from __future__ import annotations

from typing import Final

AI_AGENTS: Final[dict[str, str]] = {  # token → operator
    "AI2Bot": "Allen Institute for AI",
    "AI2Bot-Dolma": "Allen Institute for AI",
    "Amazonbot": "Amazon",
    "Andibot": "Andi",
    "anthropic-ai": "Anthropic",
    "Applebot-Extended": "Apple",
    "bedrockbot": "Amazon",
    "Brightbot": "Bright Data",
    "Bytespider": "ByteDance",
    "CCBot": "Common Crawl",
    "ChatGPT-User": "OpenAI",
    "Claude-SearchBot": "Anthropic",
    "Claude-User": "Anthropic",
    "Claude-Web": "Anthropic",
    "ClaudeBot": "Anthropic",
    "cohere-ai": "Cohere",
    "cohere-training-data-crawler": "Cohere",
    "Cotoyogi": "ROIS",
    "Crawlspace": "Crawlspace",
    "DeepSeekBot": "DeepSeek",
    "Diffbot": "Diffbot",
    "DuckAssistBot": "DuckDuckGo",
    "FacebookBot": "Meta",
    "FirecrawlAgent": "Firecrawl",
    "FriendlyCrawler": "not known",
    "Gemini-Deep-Research": "Google",
    "Google-CloudVertexBot": "Google",
    "Google-Extended": "Google",
    "Google-NotebookLM": "Google",
    "GoogleOther": "Google",
    "GPTBot": "OpenAI",
    "iaskspider": "iAsk",
    "ICC-Crawler": "NICT",
    "ImagesiftBot": "Hive",
    "img2dataset": "img2dataset",
    "meta-externalagent": "Meta",
    "meta-externalfetcher": "Meta",
    "MistralAI-User": "Mistral",
    "NovaAct": "Amazon",
    "OAI-SearchBot": "OpenAI",
    "omgili": "Webz.io",
    "omgilibot": "Webz.io",
    "PanguBot": "Huawei",
    "Perplexity-User": "Perplexity",
    "PerplexityBot": "Perplexity",
    "PhindBot": "Phind",
    "QuillBot": "QuillBot",
    "SBIntuitionsBot": "SB Intuitions",
    "Timpibot": "Timpi",
    "TikTokSpider": "ByteDance",
    "VelenPublicWebCrawler": "Hunter",
    "Webzio-Extended": "Webz.io",
    "YouBot": "You.com",
}
AGENT_NAMES: Final = tuple(AI_AGENTS)
