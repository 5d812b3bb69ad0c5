package account

import "strings"

// device says in words what a browser calls itself: Chrome 浏览器 · Windows. What
// it does not know stays unnamed; nothing is guessed.
func device(agent string) string {
	browser, system := firstOf(agent, browsers), firstOf(agent, systems)
	switch {
	case browser != "" && system != "":
		return browser + " · " + system
	case browser != "":
		return browser
	case system != "":
		return "其他浏览器 · " + system
	}
	return "其他设备"
}

type named struct{ mark, name string }

// Many browsers also claim to be those they descend from, so the order matters.
var browsers = []named{
	{"MicroMessenger", "微信"}, {"wxwork", "企业微信"}, {"DingTalk", "钉钉"},
	{"Edg", "Edge 浏览器"}, {"QQBrowser", "QQ 浏览器"}, {"360SE", "360 浏览器"}, {"360EE", "360 浏览器"},
	{"QIHU", "360 浏览器"}, {"MetaSr", "搜狗浏览器"}, {"UCBrowser", "UC 浏览器"}, {"HuaweiBrowser", "华为浏览器"},
	{"MiuiBrowser", "小米浏览器"}, {"OPR/", "Opera 浏览器"}, {"Firefox", "Firefox 浏览器"}, {"FxiOS", "Firefox 浏览器"},
	{"Chrome", "Chrome 浏览器"}, {"CriOS", "Chrome 浏览器"}, {"Safari", "Safari 浏览器"}, {"Trident", "IE 浏览器"},
}

var systems = []named{
	{"Windows", "Windows"}, {"HarmonyOS", "鸿蒙"}, {"OpenHarmony", "鸿蒙"}, {"Android", "安卓"}, {"iPhone", "iPhone"}, {"iPad", "iPad"},
	{"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"UOS", "统信 UOS"}, {"Kylin", "麒麟"}, {"Linux", "Linux"},
}

func firstOf(agent string, list []named) string {
	for _, n := range list {
		if strings.Contains(agent, n.mark) {
			return n.name
		}
	}
	return ""
}
