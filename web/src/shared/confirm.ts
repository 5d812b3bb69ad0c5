import { ElMessage, ElMessageBox } from 'element-plus'
import 'element-plus/es/components/message-box/style/css'
import 'element-plus/es/components/message/style/css'

/** Asks before something is lost or becomes final; true when the user agrees. */
export async function confirmAction(
  text: string,
  title = '请确认',
  options: { ok?: string; cancel?: string; danger?: boolean } = {},
): Promise<boolean> {
  try {
    await ElMessageBox.confirm(text, title, {
      confirmButtonText: options.ok ?? '确定',
      cancelButtonText: options.cancel ?? '取消',
      type: options.danger ? 'warning' : 'info',
      confirmButtonClass: options.danger ? 'el-button--danger' : '',
    })
    return true
  } catch {
    return false
  }
}

/** A short word that it worked. */
export function told(text: string): void {
  ElMessage.success({ message: text, grouping: true })
}

/** A short word that it did not. */
export function warned(text: string): void {
  ElMessage.error({ message: text, grouping: true, duration: 5000 })
}
